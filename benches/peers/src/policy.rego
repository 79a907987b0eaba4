# The gateway workload, with `data.apis` holding the statements of each API by effect.
package gate

import rego.v1

default allow := false

allow if {
	permitted
	not forbidden
}

permitted if {
	some statement in data.apis[input.api].allow
	applies(statement)
}

forbidden if {
	some statement in data.apis[input.api].deny
	applies(statement)
}

applies(statement) if {
	statement.who in input.identities
	glob.match(statement.tail, null, input.tail)
	holds(statement)
}

holds(statement) if not statement.condition

holds(statement) if input.context[statement.condition.key] in statement.condition.values

holds(statement) if net.cidr_contains(statement.condition.network, input.context[statement.condition.key])
