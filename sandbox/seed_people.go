package sandbox

import "strings"

// knownUsers are Lyondell's first: the people that the documentation names, and
// those whose names have broken software before.
func knownUsers() []knownUser {
	person := func(local, first, last, display, title, department string) knownUser {
		return knownUser{askedUser: askedUser{
			Email: local + "@lyondell.example", FirstName: first, LastName: last, DisplayName: display,
			Title: title, Department: department, Location: "Sophia Antipolis", PhoneNumber: "+33 1 09 75 83 51",
		}}
	}

	adele := person("adele.vance", "Adele", "Vance", "Adele Vance", "Analyst", "Order Processing")
	adele.id = adeleID
	soren := person("soren.oneill", "Søren", "O’Neill", "Søren O’Neill", "Head of Desk", "FX Options")
	soren.disabled = true
	bare := knownUser{askedUser: askedUser{
		Email: "hong.nakamura@lyondell.example", FirstName: "Hồng", LastName: "Nakamura", DisplayName: "Hồng Nakamura",
	}}
	large := person("big.number", "Big", "Number", "Big Number", "Actuary", "Risk")
	large.symphonyUserID = 1<<53 + 1 // not a number that a float can hold

	return []knownUser{
		adele,
		soren,
		bare,
		person("m.alqasim", "محمد", "القاسم", "محمد القاسم", "Trader", "Rates"),
		person("bold", "<b>Bold</b>", `& "Quoted"`, `<b>Bold</b> & "Quoted"`, "Mr.", "Compliance"),
		large,
		person("hyperlink", `=HYPERLINK("https://elsewhere.invalid")`, "+1-1", `@SUM(A1:A9)`, "-Trader", "=Operations"),
		person("long.name", "Maria Magdalena Theresia Josephine", strings.Repeat("von Hohenstein-", 8)+"Württemberg",
			"Maria Magdalena "+strings.Repeat("von Hohenstein-", 8)+"Württemberg", strings.Repeat("Senior Executive ", 9)+"Director", "Corporate Access"),
		person("unbroken", "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschafers", "Sr",
			"Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschafers Sr", "Archivist", "Operations"),
		person("Mixed.CASE", "Mixed", "Case", "Mixed Case", "Broker", "Equities"),
		person("d.oconnor+desk", "Dónal", "O'Connor", "Dónal O'Connor", "Sales Trader", "Equities"),
		person("shira.cohen", "שירה", "כהן", "שירה כהן (Shira Cohen)", "Counsel", "Legal"),
		person("somchai.jaidee", "สมชาย", "ใจดี", "สมชาย ใจดี", "Analyst", "Research"),
		person("ananya.sharma", "अनन्या", "शर्मा", "अनन्या शर्मा", "Analyst", "Research"),
		person("xiaoming.wang", "小明", "王", "王小明", "Trader", "Commodities"),
		person("minjun.kim", "민준", "김", "김민준", "Trader", "Commodities"),
		person("eleni.papadopoulou", "Ελένη", "Παπαδοπούλου", "Ελένη Παπαδοπούλου", "Broker", "Fixed Income"),
		person("olena.shevchenko", "Олена", "Шевченко", "Олена Шевченко", "Broker", "Fixed Income"),
		person("zoe.fiddle", "Zoë 🎻", "X", "Zoë 🎻 X", "Intern", "Treasury"),
	}
}

func titles() []string {
	return []string{
		"Analyst", "Associate", "Broker", "Trader", "Sales Trader", "Senior Trader", "Head of Desk", "Portfolio Manager",
		"Relationship Manager", "Compliance Officer", "Operations Specialist", "Settlements Clerk", "Quantitative Analyst",
		"Research Analyst", "Vice President", "Director", "Managing Director", "Chargée d’affaires", "Prokurist", "部長",
	}
}

func departments() []string {
	return []string{
		"Order Processing", "FX Options", "Rates", "Equities", "Fixed Income", "Commodities", "Compliance", "Operations",
		"Prime Brokerage", "Research", "Risk", "Treasury", "Sales & Trading", "Legal", "Back Office", "Émissions", "外国為替",
	}
}

type office struct{ city, phone string }

func offices() []office {
	return []office{
		{"Sophia Antipolis", "+33 1 09 75"},
		{"Paris", "+33 1 99 00"},
		{"London", "+44 20 7946"},
		{"New York", "+1 212 555"},
		{"Frankfurt am Main", "+49 69 9001"},
		{"Zürich", "+41 44 999"},
		{"København", "+45 32 99"},
		{"Singapore", "+65 6999"},
		{"東京", "+81 3 9999"},
		{"香港", "+852 3999"},
		{"서울", "+82 2 999"},
		{"São Paulo", "+55 11 9999"},
	}
}
