// The context of a request as the evaluator is to see it: what the request gives, and what AWS derives from the
// caller and the resource (docs/semantics.md, K-01 to K-10), written here once more, apart from the crate's own.


// Keys that AWS documents as multivalued: always a list, also with one value.
const multivalued = new Set(
  [
    'aws:CalledVia',
    'aws:PrincipalOrgPaths',
    'aws:PrincipalServiceNamesList',
    'aws:ResourceOrgPaths',
    'aws:SourceOrgPaths',
    'aws:TagKeys',
    'aws:VpceOrgPaths'
  ].map((key) => key.toLowerCase())
)

/** What a caller brings: the table under K-05. */
function ofCaller(principal) {
  if (principal === null || principal === undefined) {
    return {
      'aws:PrincipalAccount': 'anonymous',
      'aws:PrincipalType': 'Anonymous',
      'aws:userid': 'anonymous'
    }
  }
  if (typeof principal !== 'string') {
    return { 'aws:PrincipalIsAWSService': 'true', 'aws:PrincipalServiceName': principal.Service }
  }
  const [, partition, , , account, ...rest] = principal.split(':')
  const name = rest.join(':')
  const [kind, ...path] = name.split('/')
  const common = {
    'aws:PrincipalArn': principal,
    'aws:PrincipalAccount': account,
    'aws:PrincipalIsAWSService': 'false'
  }
  switch (kind) {
    case 'user':
      return { ...common, 'aws:PrincipalType': 'User', 'aws:username': path.at(-1) }
    case 'role':
      return { ...common, 'aws:PrincipalType': 'AssumedRole' }
    case 'assumed-role': {
      const role = `arn:${partition}:iam::${account}:role/${path[0]}`
      return { ...common, 'aws:PrincipalType': 'AssumedRole', 'aws:PrincipalArn': role }
    }
    case 'federated-user':
      return {
        ...common,
        'aws:PrincipalType': 'FederatedUser',
        'aws:userid': `${account}:${path.join('/')}`
      }
    case 'root':
      return { ...common, 'aws:PrincipalType': 'Account', 'aws:userid': account }
    default:
      return {}
  }
}

/** K-09. */
function ofResource(resource) {
  const [, , , region, account] = resource.split(':')
  const derived = {}
  if (/^[0-9]{12}$/.test(account ?? '')) derived['aws:ResourceAccount'] = account
  if (region) derived['aws:RequestedRegion'] = region
  return derived
}

const clock = '(?:[01][0-9]|2[0-3]):[0-5][0-9]'
const date = new RegExp(
  `^[0-9]{4}-[0-9]{2}(-[0-9]{2}(T${clock}(:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[+-]${clock}))?)?$`
)
const epoch = /^[0-9]{5,11}$/

/** K-10: the instant in whole seconds, rounded down; undefined where C-17 cannot read the text. */
function seconds(text) {
  if (epoch.test(text)) return Number(text)
  if (!date.test(text)) return undefined
  const [, day] = /-([0-9]{2})(?:T|$)/.exec(text.slice(7)) ?? []
  const parsed = Date.parse(text)
  if (Number.isNaN(parsed)) return undefined
  // `Date` rolls 30 February over.
  if (day !== undefined) {
    const [year, month] = [Number(text.slice(0, 4)), Number(text.slice(5, 7))]
    if (Number(day) > new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()) return undefined
  }
  return Math.floor(parsed / 1000)
}

/** One value as text; K-01. */
const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value))

export function contextOf(request) {
  const given = request.context ?? {}
  const context = {}
  const taken = new Set()
  for (const [key, value] of Object.entries(given)) {
    const name = key.toLowerCase()
    taken.add(name)
    const values = [value].flat().map(text)
    if (values.length === 0) continue // K-03
    const alone = values.length === 1 && !multivalued.has(name)
    context[name] = alone ? values[0] : values
  }
  const derived = { ...ofCaller(request.principal), ...ofResource(request.resource) }
  for (const [key, value] of Object.entries(derived)) {
    const name = key.toLowerCase()
    if (!taken.has(name)) context[name] = value
  }
  const one = (name) => (typeof context[name] === 'string' ? seconds(context[name]) : undefined)
  const [now, since] = ['aws:currenttime', 'aws:epochtime']
  const [stated, counted] = [one(now), one(since)]
  if (!taken.has(since) && stated !== undefined) context[since] = String(stated)
  if (!taken.has(now) && counted !== undefined) {
    const at = new Date(counted * 1000)
    const year = at.getUTCFullYear()
    if (year >= 1 && year <= 9999) context[now] = at.toISOString().replace('.000Z', 'Z')
  }
  return context
}
