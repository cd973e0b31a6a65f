package portal

import "regexp"

var uuidPattern = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// IsUUID says whether a text is written as Symphony's ids of companies and people are,
// in capitals or small letters.
func IsUUID(text string) bool { return uuidPattern.MatchString(text) }
