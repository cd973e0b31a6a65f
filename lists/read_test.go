package lists_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"foyer/address"
	"foyer/lists"
)

// people writes what was understood of each row, field by field.
func people(t lists.Table) []string {
	var all []string
	for _, r := range t.Rows {
		var parts []string
		for _, f := range lists.Fields() {
			if v := t.Value(r, f); v != "" {
				parts = append(parts, string(f)+"="+v)
			}
		}
		all = append(all, strings.Join(parts, " | "))
	}
	return all
}

func TestAListIsReadByTheNamesOfItsColumns(t *testing.T) {
	t.Parallel()
	jane := []string{"email=jane@acme.example | firstName=Jane | lastName=Doe"}
	full := []string{"email=jane@acme.example | firstName=Jane | lastName=Doe | displayName=Jane Q. Doe | title=Trader | department=FX | location=Paris | phoneNumber=+33 1 23"}
	tests := []struct {
		name, text string
		want       []string
		unused     []string
	}{
		{"tabs", "E-mail\tFirst name\tLast name\njane@acme.example\tJane\tDoe", jane, nil},
		{"semicolons", "E-mail;First name;Last name\r\njane@acme.example;Jane;Doe\r\n", jane, nil},
		{"commas", "E-mail, First name, Last name\rjane@acme.example, Jane, Doe", jane, nil},
		{"a byte order mark", "\ufeffE-mail;First name;Last name\njane@acme.example;Jane;Doe", jane, nil},
		{"what tells Excel the separator", "sep=;\nE-mail;First name;Last name\njane@acme.example;Jane;Doe", jane, nil},
		{"a heading in quotes", `"E-mail","First name","Last name"` + "\n" + `"jane@acme.example","Jane","Doe"`, jane, nil},
		{"a comma in the heading", "E-mail;\"Title, role\";First name;Last name\njane@acme.example;x;Jane;Doe", jane, []string{"Title, role"}},
		{"another order", "SURNAME;given_name;e mail address;Job Title;Dept.;Office;Mobile phone;Full Name\nDoe;Jane;jane@acme.example;Trader;FX;Paris;+33 1 23;Jane Q. Doe", full, nil},
		{"no place", "Manager,E-mail,First name,Cost centre,Last name,Work secondary email\nBob,jane@acme.example,Jane,7,Doe,other@acme.example", jane, []string{"Manager", "Cost centre", "Work secondary email"}},
		{"German", "Name;Vorname;E-Mail-Adresse;Anzeigename;Position;Abteilung;Büro;Telefon (geschäftlich)\nDoe;Jane;jane@acme.example;Jane Q. Doe;Trader;FX;Paris;+33 1 23", full, nil},
		{"French", "Nom;Prénom;Adresse e-mail;Nom complet;Fonction;Service;Lieu;Téléphone\nDoe;Jane;jane@acme.example;Jane Q. Doe;Trader;FX;Paris;+33 1 23", full, nil},
		{"Spanish", "Nombre;Apellidos;Correo electrónico;Nombre completo;Puesto;Departamento;Oficina;Teléfono\nJane;Doe;jane@acme.example;Jane Q. Doe;Trader;FX;Paris;+33 1 23", full, nil},
		{"Italian", "Cognome;Nome;Posta elettronica;Nome completo;Qualifica;Reparto;Sede;Numero di telefono\nDoe;Jane;jane@acme.example;Jane Q. Doe;Trader;FX;Paris;+33 1 23", full, nil},
		{"Entra's export", "userPrincipalName,displayName,surname,mail,givenName,objectId,userType,jobTitle,department,physicalDeliveryOfficeName,city,telephoneNumber,mobilePhone,alternateEmailAddress\nj@acme.onmicrosoft.example,Jane Q. Doe,Doe,jane@acme.example,Jane,1,Member,Trader,FX,Paris,Lyon,+33 1 23,+33 6,x@y.example", full, []string{"userPrincipalName", "objectId", "userType", "city", "mobilePhone", "alternateEmailAddress"}},
		{"Google's template", "First Name [Required],Last Name [Required],Email Address [Required],Password Hash Function [UPLOAD ONLY],Recovery Email,Work Phone,Mobile Phone,Employee Title,Department\nJane,Doe,jane@acme.example,SHA,x@y.example,+33 1,+33 6,Trader,FX", []string{"email=jane@acme.example | firstName=Jane | lastName=Doe | title=Trader | department=FX | phoneNumber=+33 1"}, []string{"Recovery Email", "Mobile Phone"}},
		{"Okta's template", "login,firstName,lastName,middleName,email,title,displayName,secondEmail,mobilePhone,primaryPhone,division,department\nj@okta.example,Jane,Doe,Q,jane@acme.example,Trader,Jane Q. Doe,x@y.example,+33 6,+33 1,Markets,FX", []string{"email=jane@acme.example | firstName=Jane | lastName=Doe | displayName=Jane Q. Doe | title=Trader | department=FX | phoneNumber=+33 1"}, []string{"login", "middleName", "secondEmail", "mobilePhone", "division"}},
		{"Microsoft 365", "Block credential,City,Display name,First name,Last name,Mobile Phone,Office,Phone number,Title,User principal name\nFalse,Lyon,Jane Q. Doe,Jane,Doe,+33 6,Paris,+33 1,Trader,jane@acme.example", []string{"email=jane@acme.example | firstName=Jane | lastName=Doe | displayName=Jane Q. Doe | title=Trader | location=Paris | phoneNumber=+33 1"}, []string{"Block credential", "City", "Mobile Phone"}},
		{"a user name that is no address", "Username,First name,Last name\njdoe,Jane,Doe", []string{"firstName=Jane | lastName=Doe"}, []string{"Username"}},
		{"a heading that nobody knows", "Kontakt;Wer\njane@acme.example;Jane", []string{""}, []string{"Kontakt", "Wer"}},
		{"no heading", "jane@acme.example\tJane\tDoe", []string{"email=jane@acme.example"}, []string{"column 2", "column 3"}},
		{"no heading, the address elsewhere", "Jane;Doe;jane@acme.example\nBob;Ray;bob@acme.example", []string{"email=jane@acme.example", "email=bob@acme.example"}, []string{"column 1", "column 2"}},
		{"no heading and two addresses", "jane@acme.example\tboss@acme.example", []string{""}, []string{"column 1", "column 2"}},
		{"a first row without its address", "Jane\tDoe\t\nBob\tRay\tbob@acme.example", []string{"", "email=bob@acme.example"}, []string{"column 1", "column 2"}},
		{"short and long rows", "E-mail\tFirst name\njane@acme.example\nbob@acme.example\tBob\tRay", []string{"email=jane@acme.example", "email=bob@acme.example | firstName=Bob"}, []string{"column 3"}},
		{"a file of Foyer's own", "E-mail,Phone,First name\r\n'+jane@acme.example,'+33 1,'t\r\n", []string{"email=+jane@acme.example | firstName='t | phoneNumber=+33 1"}, nil},
		{"blank rows", "E-mail\n\n \t \r\njane@acme.example\n\u200b\n", []string{"email=jane@acme.example"}, nil},
		{"nothing to see", " \r\n\t\u00a0\u200b\u3164\n", nil, nil},
		{"a heading alone", "E-mail\tFirst name", nil, nil},
	}
	for _, tt := range tests {
		got := lists.Read(tt.text)
		if diff := cmp.Diff(tt.want, people(got)); diff != "" {
			t.Errorf("%s: Read(%q) (-want +got):\n%s", tt.name, tt.text, diff)
		}
		unused := got.Names(func(c lists.Column) bool { return c.Field == lists.Unused && c.Used && !c.Secret })
		if diff := cmp.Diff(tt.unused, unused); diff != "" {
			t.Errorf("%s: columns that are not used (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestACellIsWhatStandsBetweenTwoSeparators(t *testing.T) {
	t.Parallel()
	const heading = "E-mail;First name;Title;Last name\n"
	a := "email=a@x.example | firstName=Ann | lastName=Lee | title="
	tests := []struct{ name, rows, want string }{
		{"quoted", `a@x.example;Ann;"Head; ""FX""";Lee`, a + `Head; "FX"`},
		{"quoted over two lines", "a@x.example;Ann;\"Head\r\nof FX\";Lee", a + "Head\r\nof FX"},
		{"a separator in the second line", "a@x.example;Ann;\"Head\nof FX; and; more\";Lee", a + "Head\nof FX; and; more"},
		{"blanks around quotes", `a@x.example; Ann; "Head" ;Lee`, a + "Head"},
		{"begins with a quotation mark", `a@x.example;Ann;"Head;Lee`, a + `"Head`},
		{"begins with what is quoted", `a@x.example;Ann;"JJ" Head;Lee`, a + `"JJ" Head`},
		{"a quotation mark in it", `a@x.example;Ann;The "Head";Lee`, a + `The "Head"`},
	}
	for _, tt := range tests {
		for _, after := range []string{"", "\nb@x.example;Bob;5\";Ray", "\nb@x.example;Bob;\"Head\";Ray", "\nb@x.example;\"Bob\";\"Head;\";Ray", "\nb@x.example;Bob;\"Head;Ray"} {
			got := people(lists.Read(heading + tt.rows + after))
			if len(got) == 0 || strings.Replace(got[0], " | lastName=Lee", "", 1) != strings.Replace(tt.want, " | lastName=Lee", "", 1) || !strings.Contains(got[0], "lastName=Lee") {
				t.Errorf("%s: Read(%q) = %q, want %q first", tt.name, tt.rows+after, got, tt.want)
			}
			if after != "" && (len(got) != 2 || !strings.HasPrefix(got[1], "email=b@x.example | firstName=Bob | lastName=Ray")) {
				t.Errorf("%s: Read(%q) = %q, want the row after it too", tt.name, tt.rows+after, got)
			}
		}
	}
}

func TestAPasswordIsNeverKept(t *testing.T) {
	t.Parallel()
	const entra = "version:v1.0,,,,\n" +
		"Name [displayName] Required,User name [userPrincipalName] Required,Initial password [passwordProfile] Required,Block sign in (Yes/No) [accountEnabled] Required,First name [givenName],Last name [surname]\n" +
		"Example: Chris Green,chris@contoso.example,myPassword1234,No,,\n" +
		"Jane Doe,jane@acme.example,Xwq7-secret,No,Jane,Doe\n"
	for name, text := range map[string]string{
		"Entra's template":  entra,
		"without a heading": "jane@acme.example\tJane\tDoe\tXwq7-secret!\nbob@acme.example\tBob\tRay\tXwq7&secret\n",
		"German":            "E-Mail;Startkennwort\njane@acme.example;Xwq7-secret",
		"French":            "Courriel;Mot de passe\njane@acme.example;Xwq7-secret",
		"Spanish":           "Correo;Contraseña\njane@acme.example;Xwq7-secret",
		"Portuguese":        "E-mail;Senha provisória\njane@acme.example;Xwq7-secret",
		"Polish":            "E-mail;Hasło\njane@acme.example;Xwq7-secret",
		"Swedish":           "E-post;Lösenord\njane@acme.example;Xwq7-secret",
		"Russian":           "E-mail;Пароль\njane@acme.example;Xwq7-secret",
		"Japanese":          "E-mail;初期パスワード\njane@acme.example;Xwq7-secret",
		"Korean":            "E-mail;비밀번호\njane@acme.example;Xwq7-secret",
		"of programs":       "E-mail;API key\njane@acme.example;Xwq7-secret",
	} {
		got := lists.Read(text)
		if !slices.ContainsFunc(got.Columns, func(c lists.Column) bool { return c.Secret && c.Used && c.Field == lists.Unused }) {
			t.Errorf("%s: Read found no password: %+v", name, got.Columns)
		}
		if kept := got.Text(); strings.Contains(kept, "secret") || strings.Contains(kept, "1234") {
			t.Errorf("%s: Text = %q, want no password", name, kept)
		}
	}
	got := lists.Read(entra)
	if diff := cmp.Diff([]string{"email=jane@acme.example | firstName=Jane | lastName=Doe | displayName=Jane Doe"}, people(got)); diff != "" {
		t.Errorf("Entra's template (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]lists.LeftOut{{Line: 1, Why: lists.Version}, {Line: 3, Why: lists.Example}}, got.LeftOut); diff != "" {
		t.Errorf("what was left out (-want +got):\n%s", diff)
	}
}

func TestAddressListsOfMailProgramsAreRead(t *testing.T) {
	t.Parallel()
	zoe, pat := "email=zd@x.example | firstName=Zoe | lastName=Day", "email=po@x.example | firstName=Pat | lastName=O'Neill"
	tests := []struct {
		text string
		want []string
	}{
		{`Day, Zoe <zd@x.example>; "O'Neill, Pat" <po@x.example>`, []string{zoe, pat}},
		{`"Day, Zoe" <zd@x.example>, "O'Neill, Pat" <po@x.example>`, []string{zoe, pat}},
		{`Day, Zoe <zd@x.example>, O'Neill, Pat <po@x.example>`, []string{zoe, pat}},
		{"Zoe Day <zd@x.example>\r\nPat O'Neill <po@x.example>\r\n", []string{zoe, pat}},
		{"zd@x.example; Pat O'Neill <po@x.example>,", []string{"email=zd@x.example", pat}},
		{"zd@x.example, po@x.example;\n<a@x.example>", []string{"email=zd@x.example", "email=po@x.example", "email=a@x.example"}},
		{"a@x.example\nb@x.example", []string{"email=a@x.example", "email=b@x.example"}},
		{"mailto:zd@x.example\nPat O'Neill <MAILTO:po@x.example?subject=Hello>", []string{"email=zd@x.example", pat}},
		{"'Zoe Day' <zd@x.example>; 'O'Neill, Pat' <po@x.example>", []string{zoe, pat}},
		{"'a@x.example' <a@x.example>; b@x.example <b@x.example>; 'c@x.example'", []string{"email=a@x.example", "email=b@x.example", "email=c@x.example"}},
		{"Day, Zoe, CFA <zd@x.example>; Zoe Day, CFA <zd@x.example>; Zoe Maria Day <zd@x.example>", []string{"email=zd@x.example | displayName=Day, Zoe, CFA", "email=zd@x.example | displayName=Zoe Day, CFA", "email=zd@x.example | displayName=Zoe Maria Day"}},
		{`"Zoe \"Z\" Day" <zd@x.example>; The Desk; Day <zd@x.example>`, []string{`email=zd@x.example | displayName=Zoe "Z" Day`, "firstName=The | lastName=Desk", "email=zd@x.example | displayName=Day"}},
	}
	for _, tt := range tests {
		got := lists.Read(tt.text)
		if diff := cmp.Diff(tt.want, people(got)); diff != "" || !got.Addresses {
			t.Errorf("Read(%q), an address list: %v (-want +got):\n%s", tt.text, got.Addresses, diff)
		}
	}
}

func TestAListIsReadAgainAsSomebodyWants(t *testing.T) {
	t.Parallel()
	first := lists.Read("Wer;Kontakt;Passwort;Notiz\n\"Doe; J\";jane@acme.example;Xwq7-secret;\"two\nlines\"\nBob;bob@acme.example;x;\"\"\"\n")
	again, twice := lists.Again(first.Text(), lists.Choice{Headed: true, Fields: []lists.Field{lists.LastName, lists.Email, lists.FirstName, lists.Title, lists.Location}})
	want := []string{"email=jane@acme.example | lastName=Doe; J | title=two\nlines", "email=bob@acme.example | lastName=Bob | title=\"\"\""}
	if diff := cmp.Diff(want, people(again)); diff != "" || twice {
		t.Errorf("Again, twice: %v (-want +got):\n%s", twice, diff)
	}
	if _, twice := lists.Again(first.Text(), lists.Choice{Headed: true, Fields: []lists.Field{lists.LastName, lists.LastName}}); !twice {
		t.Error("Again with two columns for one field doesn't say so")
	}
	again, _ = lists.Again(first.Text(), lists.Choice{Fields: []lists.Field{lists.DisplayName}})
	if diff := cmp.Diff([]string{"displayName=Wer", "displayName=Doe; J", "displayName=Bob"}, people(again)); diff != "" {
		t.Errorf("Again without a heading (-want +got):\n%s", diff)
	}
}

func TestSubjectsAreFoundInAList(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text             string
		subjects, unseen []string
	}{
		{"First name,Mail\nZoe,zd@x.example\nPat,ZD@x.example\nBob,", []string{"zd@x.example", "Bob"}, []string{"First name"}},
		{"Day, Zoe <zd@x.example>; \"O'Neill, Pat\" <po@x.example>", []string{"zd@x.example", "po@x.example"}, nil},
		{"Zoe Day <mailto:zd@x.example>; po@x.example<mailto:po@x.example?subject=Hello%20there>", []string{"zd@x.example", "po@x.example"}, nil},
		{"Day, Zoe <zd@x.example>\t\"O'Neill, Pat\" <po@x.example>\tq@x.example", []string{"zd@x.example", "po@x.example", "q@x.example"}, nil},
		{"Company;Domain\nAcme;acme.example\nBeta;beta.example", []string{"acme.example", "beta.example"}, []string{"Company"}},
		{"zd@x.example\tZoe\tDay", []string{"zd@x.example"}, []string{"column 2", "column 3"}},
		{"zd@x.example, acme.example, nonsense", []string{"zd@x.example", "acme.example", "nonsense"}, nil},
		{"zd@x.example, acme.example\npo@x.example;\tbeta.example", []string{"zd@x.example", "acme.example", "po@x.example", "beta.example"}, nil},
		{"acme.example\nACME.example.\n@acme.example", []string{"acme.example", "@acme.example"}, nil},
		{"Zoe Day zd@x.example\nacme.example po@x.example\nBob Ray", []string{"zd@x.example", "acme.example", "po@x.example", "Bob Ray"}, nil},
		{"zd@x.example\n=1+1", []string{"zd@x.example", "=1+1"}, nil},
		{"<zd@x.example>, (po@x.example) “q@x.example” 'r@x.example'; MAILTO:s%40x.example?cc=t@x.example.", []string{"zd@x.example", "po@x.example", "q@x.example", "r@x.example", "s@x.example"}, nil},
		{"\ufeffzd@x.example\u200b\u00a0po\u00ad@x.example \u2066q@x.example\u2069 zd@x\u200b.example", []string{"zd@x.example", "po@x.example", "q@x.example"}, nil},
		{"zoe@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example", []string{"zoe@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example"}, nil},
		{" \u200b\n;,", nil, nil},
	}
	for _, tt := range tests {
		found, unseen := lists.Subjects(tt.text)
		var subjects []string
		for _, s := range found {
			subjects = append(subjects, s.Text)
		}
		if !slices.Equal(subjects, tt.subjects) || !slices.Equal(unseen, tt.unseen) {
			t.Errorf("Subjects(%q) = %q, %q, want %q, %q", tt.text, subjects, unseen, tt.subjects, tt.unseen)
		}
	}
}

func TestWhatStandsBesideAnAddressComesWithIt(t *testing.T) {
	t.Parallel()
	want := map[lists.Field]string{lists.FirstName: "Zoe", lists.LastName: "Day"}
	for _, text := range []string{"Day, Zoe <zd@x.example>; po@x.example", "Mail;First name;Surname;Password\nzd@x.example;Zoe;Day;Xwq7-secret"} {
		found, _ := lists.Subjects(text)
		if diff := cmp.Diff(want, found[0].Beside); diff != "" {
			t.Errorf("beside the first of %q (-want +got):\n%s", text, diff)
		}
		again, _ := lists.Subjects(found[0].Mailbox() + "\nacme.example")
		if diff := cmp.Diff(want, again[0].Beside); diff != "" || again[1].Text != "acme.example" {
			t.Errorf("written and read again it is %+v (-want +got):\n%s", again, diff)
		}
	}
}

// visibleLetters are the letters and digits of a text that can be seen, sorted.
func visibleLetters(text string) string {
	all := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) || address.Blank(string(r)) {
			return -1
		}
		return r
	}, text))
	slices.Sort(all)
	return string(all)
}

// rowsOf counts the rows of a list, its heading and those that were left out included.
func rowsOf(table lists.Table) int {
	n := len(table.Rows) + len(table.LeftOut)
	if table.Headed {
		n++
	}
	return n
}

// linesOf counts the lines of a text that have something to see between the separators.
func linesOf(text string, separator rune) int {
	n := 0
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if !address.Blank(strings.ReplaceAll(line, string(separator), " ")) {
			n++
		}
	}
	return n
}

// FuzzRead holds that nothing that was written is lost in silence: it stands in the
// heading or a row, or in one that is named as left out, or was a password.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"E-mail\tFirst name\njane@acme.example\tJane", "\"a\n;b,\tc\"", "@;@;@\n;;;;;;;;;;;", "a@x.example;\"Ann;x\nb@x.example;5\";y",
		"Day, Zoe <zd@x.example>; \"O'Neill, Pat\" <po@x.example>", "sep=;\na;b", "version:v1.0,\nName,Initial password\nExample: x,y\nz,w",
		"\ufeff\"\"\"a\"\"\",b\r\"c", "<<a@b.c>,\"\\\"<a@b.c>", "Name;Vorname;Mail\r\n\u3164;\u200b;x\x00\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table := lists.Read(text)
		if !utf8.ValidString(text) {
			return // bytes of two cells may be a letter together
		}
		if len(table.Rows) <= lists.MaxRows {
			bounded(t, table)
		}
		var all []string
		for _, c := range table.Columns {
			if !table.Addresses {
				all = append(all, c.Name)
			}
		}
		secret := false
		for _, c := range table.Columns {
			secret = secret || c.Secret && c.Used
		}
		for _, r := range table.Rows {
			if len(r.Cells) > len(table.Columns) {
				t.Fatalf("Read(%q) has a row of %d cells under %d columns", text, len(r.Cells), len(table.Columns))
			}
			if !secret && address.Blank(strings.Join(r.Cells, " ")) {
				t.Errorf("Read(%q) has a row with nothing to see", text)
			}
			all = append(all, r.Cells...)
		}
		got, want := visibleLetters(strings.Join(all, " ")), visibleLetters(text)
		if table.Addresses { // an address that stands in place of its own name is there once
			got, want = string(slices.Compact([]rune(got))), string(slices.Compact([]rune(want)))
		}
		if got != want && len(table.LeftOut) == 0 && !secret {
			t.Errorf("Read(%q) has the letters %q, want %q", text, got, want)
		}
		if got, want := rowsOf(table), linesOf(text, table.Separator); got != want && !table.Addresses && !strings.Contains(text, `"`) {
			t.Errorf("Read(%q) has %d rows, those that were left out included, want %d", text, got, want)
		}
		choice := lists.Choice{Headed: table.Headed}
		for _, c := range table.Columns {
			choice.Fields = append(choice.Fields, c.Field)
		}
		again, twice := lists.Again(table.Text(), choice)
		if diff := cmp.Diff(people(table), people(again)); diff != "" && !secret || twice {
			t.Errorf("Again of Read(%q) (-want +got):\n%s", text, diff)
		}
	})
}

func TestATextOfSignsCostsNoMoreThanAnother(t *testing.T) {
	t.Parallel()
	const size = 64 << 10
	for _, sign := range []string{",", "\"", "\"\n;", ",\"\"\"", "<,", "<a@b.c>,", "\"\\", "a\n", "x@y.z,", "\"a@b.c;\"\n", "\u3164;", "\"\\\""} {
		text := strings.Repeat(sign, size/len(sign))
		for _, text := range []string{text, "a@b.c\n" + text, strings.Repeat(",", size/2) + "\n" + text[:size/2], "<a@b.c>" + text} {
			if table := lists.Read(text); len(table.Columns) > 256 {
				t.Errorf("Read of many %q has %d columns", sign, len(table.Columns))
			}
		}
	}
}
