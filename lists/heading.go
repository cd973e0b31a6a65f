package lists

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// headed are the columns under a heading. Rows are those under it; without any, a name
// is believed whatever the column has. Also are the fields that are asked for besides
// those of every list.
func headed(heading []string, rows []Row, also []Field) []Column {
	columns, known := make([]Column, len(heading)), words(also)
	names := make([]meaning, len(heading))
	for i, name := range heading {
		columns[i] = named(name)
		if !columns[i].known() {
			names[i] = meaningOf(known, name)
		}
	}
	settleNames(heading, names)
	for i, m := range names {
		if rows == nil {
			break
		}
		addresses := slices.ContainsFunc(rows, func(r Row) bool { return isAddress(r.Cell(i)) })
		switch {
		case m.weak && !addresses:
			names[i] = meaning{} // a name to sign in with, which is no address
		case m.field == UserID && addresses:
			names[i] = meaning{field: Email, rank: len(spellings(Email)), weak: true}
		}
	}
	for _, field := range slices.Concat(Fields(), also) {
		if best := bestOf(names, field); best >= 0 {
			columns[best].Field = field
		}
	}
	return columns
}

// named is a column of this name, before it is understood.
func named(name string) Column {
	return Column{Name: name, Secret: isSecret(name), Result: strings.HasPrefix(strings.ToLower(name), ResultPrefix)}
}

// bestOf is the column that is most likely a field, by its name: the first of those that
// are equally likely, or -1.
func bestOf(names []meaning, field Field) int {
	best := -1
	for i, m := range names {
		if m.field == field && (best < 0 || m.rank < names[best].rank) {
			best = i
		}
	}
	return best
}

// meaning is what the name of a column says.
type meaning struct {
	field Field
	rank  int  // among the names of that field; 0 is the best
	weak  bool // only if the column has addresses
	// part is what the word means beside a column with one of these names: in some
	// languages the same word is a whole name and a part of it.
	part   Field
	beside string
}

// settleNames decides about the words that mean a whole name, and a part of it where
// the other part has a column of its own.
func settleNames(heading []string, names []meaning) {
	for i, m := range names {
		beside := func(name string) bool { return slices.Contains(strings.Fields(m.beside), normal(name)) }
		if m.part != Unused && bestOf(names, m.part) < 0 && slices.ContainsFunc(heading, beside) {
			names[i] = meaning{field: m.part}
		}
	}
}

// meaningOf looks a name up: as it is, without what stands in brackets behind it, or
// what stands there, as templates give the name of an attribute.
func meaningOf(known map[string]meaning, name string) meaning {
	before, bracket, _ := strings.Cut(name, "[")
	if bracket == "" {
		before, bracket, _ = strings.Cut(name, "(")
	}
	bracket, _, _ = strings.Cut(strings.ReplaceAll(bracket, ")", "]"), "]")
	for _, form := range []string{name, before, bracket} {
		if m, ok := known[normal(form)]; ok {
			return m
		}
	}
	return meaning{}
}

// normal writes a name so that "E-mail", "e mail" and "EMAIL" are the same, and so are
// "Téléphone" and "Telephone". No name of a column is as long as a text can be.
func normal(name string) string {
	name = name[:min(len(name), longestName)]
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(name))
}

// isSecret says whether a column is named as one of passwords.
func isSecret(name string) bool {
	n := normal(name)
	if slices.Contains([]string{"pass", "pw", "pin", "mdp", "psw", "otp", "clave", "token"}, n) || strings.HasSuffix(n, "secret") {
		return true
	}
	return slices.ContainsFunc([]string{
		"passw", "passphrase", "passcode", "pwd", "initialpw", "apikey", "kennwort", "motdepasse", "contraseña", "codicesegreto", "wachtwoord",
		"senha", "parola", "hasło", "heslo", "jelszó", "lösenord", "passord", "adgangskode", "salasana", "şifre", "κωδικόςπρόσβασης", "пароль", "סיסמה", "密码", "密碼", "パスワード", "비밀번호",
	}, func(word string) bool { return strings.Contains(n, normal(word)) })
}

// looksSecret says whether a column that has no name has nothing but what looks like
// passwords: eight characters and more without a blank, of three kinds.
func looksSecret(rows []Row, column int) bool {
	found := false
	for _, r := range rows {
		switch cell := r.Cell(column); {
		case cell == "":
		case len(cell) < 8 || isAddress(cell) || strings.ContainsFunc(cell, unicode.IsSpace) || kinds(cell) < 3:
			return false
		default:
			found = true
		}
	}
	return found
}

// kinds counts the kinds of character of a text: small letters, capitals, digits, and
// signs other than those of names and numbers.
func kinds(text string) int {
	n := 0
	for _, is := range []func(rune) bool{
		unicode.IsLower, unicode.IsUpper, unicode.IsDigit,
		func(r rune) bool { return strings.ContainsRune("!\"#$%&*<=>?@^_~|\\{}[]", r) },
	} {
		if strings.ContainsFunc(text, is) {
			n++
		}
	}
	return n
}
