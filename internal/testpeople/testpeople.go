// Package testpeople makes people for tests and measurements: as many as are wanted,
// always the same ones, a batch at a time. Their names are of many scripts and lengths,
// and a few of their companies have most of them. It knows no database; only tests and
// measurements import it.
package testpeople

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"foyer/sapi"
)

// Company is a company with its place among the others.
type Company struct {
	ID, Name string
	Domains  []string
	People   int
	number   int
}

// Departments is how many departments there are: a few that every company has, and many
// that belong to one.
const Departments = 400

// Companies divides people among companies: the first has a tenth of them, and the last
// ones a handful.
func Companies(people, companies int) []Company {
	all := make([]Company, companies)
	share := make([]float64, companies)
	sum := 0.0
	for i := range share {
		share[i] = 1 / float64(i+5)
		sum += share[i]
	}
	left := people - people/10
	for i := range all {
		n := int(share[i] / (sum - share[0]) * float64(people-people/10))
		switch i {
		case 0:
			n = people / 10
		case companies - 1:
			n = left
		default:
			left -= n
		}
		name := roots[i%len(roots)] + " " + trades[i/len(roots)%len(trades)]
		domain := fmt.Sprintf("%s%d.example", strings.ToLower(plain(roots[i%len(roots)])), i)
		all[i] = Company{ID: id(rand.New(rand.NewPCG(uint64(i), 7))), Name: name, Domains: []string{domain, "eu." + domain}, People: max(n, 0), number: i}
	}
	return all
}

// People makes the people of a company, so many at a time.
func People(c Company, batch int) iter.Seq[[]sapi.User] {
	return func(yield func([]sapi.User) bool) {
		r := rand.New(rand.NewPCG(uint64(c.number), 11))
		born := time.Date(2022, 3, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(c.number) * 97 * time.Hour) // its people were created around then
		users := make([]sapi.User, 0, batch)
		for i := range c.People {
			users = append(users, person(r, c, i, born))
			if len(users) < batch && i < c.People-1 {
				continue
			}
			if !yield(users) {
				return
			}
			users = users[:0]
		}
	}
}

func person(r *rand.Rand, c Company, i int, born time.Time) sapi.User {
	land := lands[c.number%len(lands)]
	if r.IntN(4) == 0 {
		land = lands[r.IntN(len(lands))]
	}
	first, last := pick(r, land.first), family(r, land)
	if r.IntN(12) == 0 {
		first += "-" + pick(r, land.first)
	}
	if r.IntN(25) == 0 {
		last += "-" + family(r, lands[r.IntN(len(lands))])
	}
	display := first + " " + last
	if land.lastFirst {
		display = last + " " + first
	}
	created := born.Add(time.Duration(i) * time.Minute).Add(time.Duration(r.IntN(86400)) * time.Second)
	u := sapi.User{
		ID: id(r), SymphonyUserID: 1<<44 + r.Int64N(1<<48), FirstName: first, LastName: last, DisplayName: display,
		Email:      fmt.Sprintf("%s.%s%d@%s", ascii(first), ascii(last), r.IntN(1000), c.Domains[min(r.IntN(6), 1)]),
		Department: department(r, c), Title: pick(r, ranks) + " " + pick(r, jobs), Location: pick(r, land.cities), CreatedAt: created, UpdatedAt: created,
	}
	switch r.IntN(20) {
	case 0:
		u.Email = fmt.Sprintf("%s%d@mail.example", ascii(last), r.IntN(100000))
	case 1:
		u.DisplayName = ""
	case 2:
		u.Department = ""
	}
	if r.IntN(3) > 0 {
		u.PhoneNumber = fmt.Sprintf("+%d %03d %02d %02d %02d", 30+r.IntN(60), r.IntN(1000), r.IntN(100), r.IntN(100), r.IntN(100))
	}
	return u
}

// Status is a person's status as Symphony might tell it: most are active, and of some it
// tells nothing.
func Status(i int) sapi.Status {
	switch {
	case i%50 == 7:
		return sapi.StatusUnknown
	case i%20 == 3:
		return sapi.StatusDisabled
	}
	return sapi.StatusActive
}

func department(r *rand.Rand, c Company) string {
	if r.IntN(3) > 0 {
		return common[min(r.IntN(len(common)), r.IntN(len(common)))]
	}
	const own = Departments - 20
	return fmt.Sprintf("%s %d", pick(r, divisions), (c.number*7+r.IntN(7))%own)
}

func family(r *rand.Rand, l land) string {
	var b strings.Builder
	for range 1 + r.IntN(3) {
		b.WriteString(pick(r, l.middle))
	}
	if l.end == nil {
		return capital(b.String())
	}
	return pick(r, l.before) + capital(b.String()+pick(r, l.end))
}

func capital(s string) string {
	for i, letter := range s {
		return strings.ToUpper(string(letter)) + s[i+len(string(letter)):]
	}
	return s
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func id(r *rand.Rand) string {
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Int64N(1<<48))
}

// ascii is how a name is written in an e-mail: without what isn't of ASCII.
func ascii(s string) string {
	s = plain(s)
	if s == "" {
		return "user"
	}
	return strings.ToLower(s)
}

func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'ä', 'á', 'à', 'å', 'ã':
			return 'a'
		case 'ö', 'ó', 'ø', 'õ':
			return 'o'
		case 'ü', 'ú':
			return 'u'
		case 'é', 'è', 'ë', 'ę':
			return 'e'
		case 'ç', 'ć', 'č':
			return 'c'
		case 'ş', 'š', 'ś':
			return 's'
		case 'ñ':
			return 'n'
		case 'İ', 'ı', 'í':
			return 'i'
		}
		if r > 0x7e || r == ' ' || r == '\'' {
			return -1
		}
		return r
	}, s)
}

// land is how people of somewhere are called.
type land struct {
	first, before, middle, end, cities []string
	lastFirst                          bool
}

func words(s string) []string { return strings.Fields(s) }

var (
	none  = []string{""}
	lands = []land{
		{first: words("Anna Lukas Jürgen Käthe Max Sophie Björn Heinz Ulrike Dieter Änne Götz"), before: none, middle: words("mül schmi wag bau hof stein kraus wei groß lind berg sträß vog kell zim"), end: words("ler dt ner er mann bach berg ert le stein meier"), cities: words("Zürich Köln München Wien Basel")},
		{first: words("Jean Zoé Hélène François Marie Noël Agnès Benoît Thérèse Luc"), before: []string{"", "", "", "de ", "Le ", "D'"}, middle: words("du bel rou mar lef gar vil char pel fon per gé bou"), end: words("pont lier sseau tin èvre nier lon reau tier taine"), cities: words("Paris Lyon Genève Nîmes Orléans")},
		{first: words("Søren Åse Lars Astrid Øyvind Freja Nils Ingrid Håkon Sigrún Þór"), before: none, middle: words("ander niel hal lind berg ny øst sø wik gun ras ek"), end: words("sen sson gren strøm qvist dal gaard holm"), cities: words("Oslo København Malmö Ålesund Reykjavík")},
		{first: words("Sean Niamh Mary Peter Siobhán Graham Paul Fiona Ruth Owen"), before: []string{"", "", "O'", "Mc", "Fitz"}, middle: words("neil bri conn hart wal mil kel har don mor tay"), end: words("l en or ley son ton ly ris ovan lor ings"), cities: words("London Dublin Leeds Cork Glasgow")},
		{first: words("José María Íñigo Begoña Raúl Inés Ángel Nuria Joaquín Lucía"), before: []string{"", "", "de la "}, middle: words("gar fer mar nú mu ló her ra al ro"), end: words("cía nández tínez ñez ñoz pez nando mírez varez mero"), cities: words("Madrid Sevilla Bogotá Lima Málaga")},
		{first: words("İpek Mehmet Şule Çağla Ömer Işıl Yiğit Gül Emre Özlem"), before: none, middle: words("yıl de ka kı ay öz şa çe gü de"), end: words("maz mir ya lıç dın türk hin lik neş niz"), cities: words("İstanbul İzmir Ankara Iğdır Muğla")},
		{first: words("Łukasz Żaneta Stanisław Małgorzata Paweł Jiří Šárka Zdeněk Đorđe"), before: none, middle: words("kow no wiś dąb woj ziel krá svo duš jan"), end: words("alski wak niewski rowski cik iński lík boda anek ić"), cities: words("Kraków Łódź Praha Brno Beograd")},
		{first: words("Дмитрий Ольга Сергей Наталья Иван Юлия Пётр"), before: none, middle: words("пет куз сми ива сок лебе нови"), end: words("ров нецов рнов нов олов дев ков"), cities: words("Berlin Riga Tallinn")},
		{first: words("伟 秀英 敏 静 丽 强 磊 洋"), before: none, middle: words("王 李 张 刘 陈 杨 赵"), cities: words("Shanghai Singapore 香港"), lastFirst: true},
		{first: words("さくら 翔太 陽子 健 美咲"), before: none, middle: words("山 田 中 村 佐 藤 高 橋"), cities: words("Tokyo Osaka"), lastFirst: true},
		{first: words("Νίκος Ελένη Γιώργος Αθηνά Σπύρος"), before: none, middle: words("παπα οικο γεω δημη"), end: words("δόπουλος νόμου ργίου τρίου"), cities: words("Athens Nicosia")},
		{first: words("محمد فاطمة أحمد ليلى"), before: none, middle: words("حس عل نج سع"), end: words("ن ي يب يد"), cities: words("Dubai Amman")},
	}
	roots     = []string{"Rhône", "Acme", "Bolt", "Nordlys", "Évian", "Über", "Kestrel", "Zenith", "Łódź", "Öresund", "Sakura", "Atlas", "Cobalt", "Delta", "Ember", "Falcon", "Granite", "Harbor", "Iris", "Juniper", "Kappa", "Lumen", "Meridian", "Nimbus", "Onyx"}
	trades    = []string{"Gestion", "Capital", "Markets", "Securities", "Bank", "Trading", "Holdings", "Partners"}
	common    = []string{"Sales", "Trading", "Operations", "Compliance", "Legal", "Risk", "Treasury", "Research", "Technology", "Settlement", "Support", "Audit", "Finance", "Marketing", "People", "Facilities", "Custody", "Clearing", "Sécurité", "Développement"}
	divisions = []string{"Desk", "Team", "Unit", "Branch"}
	ranks     = []string{"Junior", "Senior", "Lead", "Chief", "Deputy", "Head", "Associate", "Principal", "Assistant", "Regional", "Global", "Interim"}
	jobs      = []string{"Analyst", "Trader", "Broker", "Officer", "Engineer", "Auditor", "Counsel", "Controller", "Architect", "Clerk", "Strategist", "Economist", "Adviser", "Buyer", "Planner", "Actuary"}
)
