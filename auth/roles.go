package auth

import "encoding/json"

const (
	// maxRoleValues and maxRoleBytes bound the roles claim, which is kept in the
	// session. Who has more groups has most likely a provider that sends all there
	// are, and gets no role.
	maxRoleValues = 1000
	maxRoleBytes  = 64 << 10
)

// RolesClaim says in a few stable words, for the ledger, what was wrong with the claim
// that holds the roles; it is empty where nothing was.
type RolesClaim string

// What can be wrong with the roles claim. Each gives no role.
const (
	RolesClaimMissing RolesClaim = "no claim of that name"
	RolesClaimTooLong RolesClaim = "the claim is too long"
	RolesClaimOddType RolesClaim = "the claim is no text and no list of texts"
)

// readRoles reads the values of the roles claim, a string or an array of them.
// Whatever else it is has none: access must be said, never guessed.
func readRoles(claims map[string]json.RawMessage, name string) ([]string, RolesClaim) {
	claim, ok := claims[name]
	if !ok {
		// Where there are too many groups, some providers only say where they can be had
		// (OpenID Connect Core, section 5.6.2).
		var elsewhere map[string]json.RawMessage
		if json.Unmarshal(claims["_claim_names"], &elsewhere) == nil && elsewhere[name] != nil {
			return nil, RolesClaimTooLong
		}
		return nil, RolesClaimMissing
	}
	if len(claim) > maxRoleBytes {
		return nil, RolesClaimTooLong
	}
	var all []any
	if json.Unmarshal(claim, &all) != nil || all == nil {
		all = []any{nil}
		if json.Unmarshal(claim, &all[0]) != nil {
			return nil, RolesClaimOddType
		}
	}
	if len(all) > maxRoleValues {
		return nil, RolesClaimTooLong
	}
	var values []string
	for _, value := range all {
		if text, ok := value.(string); ok {
			values = append(values, text)
		}
	}
	if len(values) == 0 && len(all) > 0 {
		return nil, RolesClaimOddType
	}
	return values, ""
}
