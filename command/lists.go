package command

import (
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
)

// readLists reads the settings that have several values into these values.
func (c *Config) readLists(bad func(setting, format string, args ...any)) {
	for _, l := range []struct {
		setting string
		values  *[]string
	}{
		{"FOYER_OIDC_SCOPES", &c.OIDC.Scopes},
		{"FOYER_ROLES_VIEWER", &c.Roles.Viewer},
		{"FOYER_ROLES_ONBOARDER", &c.Roles.Onboarder},
		{"FOYER_ROLES_AUDITOR", &c.Roles.Auditor},
		{"FOYER_ROLES_ADMIN", &c.Roles.Admin},
		{"FOYER_TRUSTED_PROXIES", &c.TrustedProxies},
	} {
		var values []string
		for line := range strings.SplitSeq(strings.Join(*l.values, "\n"), "\n") {
			some, err := listed(line)
			if err != nil {
				bad(l.setting, "%v", err)
				break
			}
			values = append(values, some...)
		}
		*l.values = values
	}
}

// listed gives the values of a list: separated by commas, with or without blanks, and
// in double quotes where a value has a comma of its own, as the distinguished name of
// a group has. What would silently be other values than those that are meant is an
// error that says how to write it.
func listed(line string) ([]string, error) {
	if line = strings.TrimSpace(line); line == "" {
		return nil, nil
	}
	r := csv.NewReader(strings.NewReader(line))
	r.TrimLeadingSpace = true
	fields, err := r.Read()
	if err != nil {
		return nil, errors.New(`has a double quote in the wrong place: write "a, b",c for the two values ‘a, b’ and ‘c’`)
	}
	var values []string
	for i, field := range fields {
		value := strings.TrimSpace(field)
		if value == "" {
			continue
		}
		_, column := r.FieldPos(i)
		quoted := line[column-1] == '"'
		switch {
		case quoted:
		case strings.ContainsAny(value, "';[]{}“”‘’"):
			return nil, fmt.Errorf("has %q: separate values with commas, without brackets or other quotes than \"; a value that is so itself is written in double quotes", value)
		case len(fields) > 1 && strings.Contains(value, "="):
			return nil, fmt.Errorf(`has %q, which looks like a part of a name with commas: write each such name in double quotes, as in "CN=support,OU=Groups,DC=example"`, value)
		}
		values = append(values, value)
	}
	return values, nil
}
