package portal

import "encoding/json"

// Values makes the ledger's before and after from name–value pairs.
func Values(pairs ...any) json.RawMessage {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	raw, err := json.Marshal(m)
	if err != nil {
		panic("portal: ledger values: " + err.Error()) // only strings, bools and lists of strings come here
	}
	return raw
}
