// Answers pairs of a policy and a request with an evaluator that nobody of this project wrote.
//
// Standard input: JSON Lines {"policy": a document, "request": a request as `portcullis eval` reads it}.
// Standard output: for each of them, in order, one line: what the evaluator's resource-policy layer says of the
// document alone ("reason", and "deciding", the indices of the statements behind it), and how it came there
// ("statements": of each, whether it applies, whether each element matches, and each test of its condition), and the
// "context" it was given, derived keys included; or {"error": why} where it throws.
//
// The document is put as a *resource policy*: that is the evaluator's one layer that looks at principals (its
// endpoint-policy layer takes every principal to match). The layer's own result is read, before identity policies and
// the accounts of caller and resource are weighed in; so the answer depends on nothing but the document. What the
// layer calls "for account" (an account entry matched) is a match here, as the weighing of it belongs to the layers.

import { createInterface } from 'node:readline'
import { anonymousPrincipal } from '@cloud-copilot/iam-simulate'
import { loadPolicy } from '@cloud-copilot/iam-policy'
// Not exported by the package's name: the layer's own result. The version is pinned.
const inside = './node_modules/@cloud-copilot/iam-simulate/dist/esm'
const { analyzeResourcePolicy } = await import(`${inside}/core_engine/CoreSimulatorEngine.js`)
const { DiscoveryContextKeyConstraints } = await import(
  `${inside}/context_keys/discoveryContextKeyConstraints.js`
)
const { AwsRequestImpl } = await import(`${inside}/request/request.js`)
const { RequestContextImpl } = await import(`${inside}/requestContext.js`)
import { contextOf } from './context.mjs'

const strict = {
  simulationMode: 'Strict',
  discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([])
}

const reasons = {
  Allowed: 'explicit_allow',
  AllowedForAccount: 'explicit_allow',
  ExplicitlyDenied: 'explicit_deny',
  DeniedForAccount: 'explicit_deny',
  ImplicitlyDenied: 'implicit_deny'
}

function callerOf(principal) {
  if (principal === null || principal === undefined) return anonymousPrincipal
  return typeof principal === 'string' ? principal : principal.Service
}

/** The tests of a condition: what came out of each operator and key. */
function tests(explain) {
  return (explain.conditions ?? []).map((test) => ({
    operator: test.operator,
    key: test.conditionKeyValue,
    matches: test.matches
  }))
}

function answer({ policy, request }) {
  const document = loadPolicy(policy, { name: 'policy' })
  const context = contextOf(request)
  const asked = new AwsRequestImpl(
    callerOf(request.principal),
    // Only the weighing of layers asks for the account.
    { resource: request.resource, accountId: '000000000000' },
    request.action ?? 'execute-api:Invoke',
    new RequestContextImpl(context)
  )
  const layer = analyzeResourcePolicy(document, asked, false, strict)
  const statements = []
  for (const found of [layer.allowStatements, layer.denyStatements, layer.unmatchedStatements].flat()) {
    // Statements count from 1 there.
    statements[found.statement.index() - 1] = {
      applies: found.explain.matches,
      principal: found.principalMatch !== 'NoMatch',
      action: found.actionMatch,
      resource: found.resourceMatch,
      condition: tests(found.explain)
    }
  }
  const reason = reasons[layer.result]
  if (reason === undefined) throw new Error(`an answer of no known name: ${layer.result}`)
  const effect = { explicit_allow: 'Allow', explicit_deny: 'Deny' }[reason]
  const all = document.statements()
  const deciding = [...statements.keys()].filter(
    (index) => statements[index].applies && all[index].effect() === effect
  )
  return { reason, deciding, statements, context }
}

for await (const line of createInterface({ input: process.stdin })) {
  let said
  try {
    said = answer(JSON.parse(line))
  } catch (error) {
    said = { error: String(error?.message ?? error) }
  }
  // A full pipe holds the next line back, so that nothing piles up.
  if (!process.stdout.write(JSON.stringify(said) + '\n')) {
    await new Promise((resolve) => process.stdout.once('drain', resolve))
  }
}
