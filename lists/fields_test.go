package lists_test

import (
	"bytes"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"foyer/lists"
)

// askedFor are the fields that lists are read for only where they are asked for.
var askedFor = []lists.Field{lists.UserID, lists.CompanyName, lists.VanityName, lists.EmailDomains}

func TestOtherFieldsAreUnderstoodWhereTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	for field, names := range map[lists.Field][]string{
		lists.UserID: {
			"id", "ID", "User ID", "userId", "Symphony ID", "symphony_user_id", "symphonyUserId", "User UUID",
			"Benutzer-ID", "Kennung", "Identifiant utilisateur", "ID de usuario", "Identificador", "ID utente",
		},
		lists.CompanyName: {
			"Company", "Company name", "companyName", "Firma", "Firmenname", "Unternehmen", "Société", "Entreprise", "Raison sociale",
			"Empresa", "Nombre de la empresa", "Sociedad", "Azienda", "Società", "Ragione sociale", "Organisation", "Organization", "Kunde", "Client",
		},
		lists.VanityName:   {"Vanity name", "vanityName", "Subdomain", "Kurzname", "Sous-domaine", "Nombre corto", "Sottodominio"},
		lists.EmailDomains: {"Domain", "Domains", "emailDomains", "E-mail domains", "Mail-Domäne", "Domänen", "Domaines", "Dominios de correo", "Domini", "Allowed domains"},
	} {
		for _, name := range names {
			list := "E-mail;" + name + "\na@acme.example;x\n"
			if got := lists.Read(list, askedFor...); got.Columns[1].Field != field || got.Columns[0].Field != lists.Email {
				t.Errorf("%q is taken for %q, want %q", name, got.Columns[1].Field, field)
			}
			if got := lists.Read(list); got.Columns[1].Field != lists.Unused || got.Columns[0].Field != lists.Email {
				t.Errorf("%q, where nobody asks, is taken for %q", name, got.Columns[1].Field)
			}
		}
	}
}

func TestAColumnIsWhatItWasForTheFieldsOfEveryList(t *testing.T) {
	t.Parallel()
	for _, heading := range []string{
		"userPrincipalName,displayName,surname,mail,givenName,jobTitle,department,physicalDeliveryOfficeName,telephoneNumber",
		"First Name [Required],Last Name [Required],Email Address [Required],Work Phone,Employee Title,Department",
		"login,firstName,lastName,email,title,displayName,primaryPhone,department", "Nom,Prénom,Adresse e-mail,Fonction,Service", "Nombre,Apellidos,Correo electrónico",
	} {
		without, with := lists.Read(heading+"\na@acme.example"), lists.Read(heading+"\na@acme.example", askedFor...)
		if diff := gocmp.Diff(without.Columns, with.Columns); diff != "" {
			t.Errorf("%s, without other fields and with (-without +with):\n%s", heading, diff)
		}
	}
}

func TestAnIDThatIsAnAddressIsOne(t *testing.T) {
	t.Parallel()
	got := lists.Read("User ID,Name\na@acme.example,Ann\n", askedFor...)
	if got.Columns[0].Field != lists.Email {
		t.Errorf("ids that are addresses are taken for %q", got.Columns[0].Field)
	}
	got = lists.Read("User ID\n349026222344902\n6bd02b02-44ed-4f2b-9e0b-6f1c6b5a0f3c\n", askedFor...)
	if got.Columns[0].Field != lists.UserID || len(got.Rows) != 2 {
		t.Errorf("ids alone: %+v", got)
	}
}

// TestAResultIsReadAgain holds for the file that says what became of a list, when somebody
// has mended it: the list is what it was, and Foyer's columns are known.
func TestAResultIsReadAgain(t *testing.T) {
	t.Parallel()
	for _, form := range []lists.Form{{}, {Separator: ';', Encoding: lists.Windows1252}, {Format: lists.XLSX}} {
		content, _ := written(t, form, []string{"Kontakt", "ID", "symphony_user_id", "foyer_status", "foyer_code", "foyer_message"}, [][]string{
			{"=a@acme.example", "7", "349026222344902", "refused", "domain-taken", "Nothing was sent; =ask."},
			{"", "8", "3490262223449021", "done", "", ""},
		})
		got := opened(t, content, lists.Options{Also: askedFor})
		if v := got.Value(got.Rows[1], lists.UserID); v != "3490262223449021" || got.Rows[0].Cell(0) != "=a@acme.example" || got.Rows[0].Cell(5) != "Nothing was sent; =ask." {
			t.Errorf("%+v: the rows are %+v", form, got.Rows)
		}
		if results := got.Names(func(c lists.Column) bool { return c.Result }); !slices.Equal(results, []string{"foyer_status", "foyer_code", "foyer_message"}) {
			t.Errorf("%+v: Foyer's columns are %q", form, results)
		}
	}
}

func TestAListIsMappedAsSomebodyChooses(t *testing.T) {
	t.Parallel()
	first := lists.Read("Wer;Kontakt;Passwort;Nr;foyer_status\nDoe;jane@acme.example;Xwq7-secret;17;done\n\nRay;bob@acme.example;x;18;\n", lists.UserID)
	choice := lists.Choice{Headed: true, Fields: []lists.Field{lists.LastName, lists.Email, lists.FirstName, lists.UserID}}
	got, twice := first.Mapped(choice)
	if diff := gocmp.Diff([]string{"email=jane@acme.example | lastName=Doe", "email=bob@acme.example | lastName=Ray"}, people(got)); diff != "" || twice {
		t.Errorf("mapped, twice: %v (-want +got):\n%s", twice, diff)
	}
	if !got.Columns[2].Secret || got.Columns[2].Field != lists.Unused || got.Value(got.Rows[0], lists.UserID) != "17" || !got.Columns[4].Result || got.Rows[1].Line != 4 {
		t.Errorf("it has the columns %+v and the rows %+v", got.Columns, got.Rows)
	}
	if again, _ := got.Mapped(choice); gocmp.Diff(got, again) != "" {
		t.Error("mapped again in the same way it is another")
	}
	if _, twice := first.Mapped(lists.Choice{Headed: true, Fields: []lists.Field{lists.LastName, lists.LastName}}); !twice {
		t.Error("two columns for one field are not said to be")
	}
	if got, _ := first.Mapped(lists.Choice{Headed: true, Fields: []lists.Field{"admin"}}); got.Columns[0].Field != lists.Unused {
		t.Errorf("a field that doesn't exist was taken: %q", got.Columns[0].Field)
	}
	if got, _ := first.Mapped(lists.Choice{Headed: true, Fields: []lists.Field{"", "", "", "", lists.Title}}); got.Columns[4].Field != lists.Title || got.Columns[4].Result {
		t.Errorf("a column of Foyer's that is chosen: %+v", got.Columns[4])
	}
	without, _ := first.Mapped(lists.Choice{Fields: []lists.Field{lists.LastName, lists.Email}})
	if without.Headed || len(without.Rows) != 3 || without.Rows[0].Cell(1) != "Kontakt" || without.Rows[0].Cell(2) != "" || without.Rows[0].Line != 1 {
		t.Errorf("without a heading it has the rows %+v", without.Rows)
	}
	with, _ := without.Mapped(choice)
	if diff := gocmp.Diff(people(got), people(with)); diff != "" || with.Rows[0].Cell(2) != "" || !with.Columns[2].Secret {
		t.Errorf("with a heading again it has the rows %+v", with.Rows)
	}
	if first.Columns[0].Field != lists.Unused || len(first.Rows) != 2 {
		t.Errorf("the list itself has changed: %+v", first)
	}
}

func TestTemplatesAndExamplesAreUnderstood(t *testing.T) {
	t.Parallel()
	fields := slices.Concat(lists.Fields(), askedFor)
	for _, form := range []lists.Form{{}, {Format: lists.XLSX}} {
		var template, example bytes.Buffer
		if err := lists.WriteTemplate(&template, form, fields); err != nil {
			t.Fatal(err)
		}
		if err := lists.WriteExample(&example, form, fields); err != nil {
			t.Fatal(err)
		}
		empty, filled := opened(t, template.Bytes(), lists.Options{Also: askedFor}), opened(t, example.Bytes(), lists.Options{Also: askedFor})
		for i, f := range fields {
			if empty.Columns[i].Field != f || filled.Columns[i].Field != f {
				t.Errorf("%+v: the column %s is taken for %q and %q, want %q", form, empty.Columns[i].Name, empty.Columns[i].Field, filled.Columns[i].Field, f)
			}
		}
		if len(empty.Rows) != 0 || len(filled.Rows) != 2 || filled.Value(filled.Rows[1], lists.FirstName) != "José" {
			t.Errorf("%+v: the template has the rows %+v, the example %+v", form, empty.Rows, filled.Rows)
		}
		if form := empty.Form; form.Ext() != map[lists.Format]string{lists.Text: ".csv", lists.XLSX: ".xlsx"}[form.Format] {
			t.Errorf("a file of %s ends with %s", form.Format, form.Ext())
		}
	}
}

func TestAFileIsServedAsWhatItIs(t *testing.T) {
	t.Parallel()
	for want, form := range map[string]lists.Form{
		"text/csv; charset=utf-8":                                           {},
		"text/csv; charset=utf-16":                                          {Encoding: lists.UTF16LE},
		"text/csv; charset=windows-1252":                                    {Encoding: lists.Windows1252},
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {Format: lists.XLSX},
	} {
		if got := form.ContentType(); got != want {
			t.Errorf("%+v is %s, want %s", form, got, want)
		}
	}
}
