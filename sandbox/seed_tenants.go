package sandbox

import (
	"fmt"
	"strings"
	"time"
)

// otherPartner owns the sponsored companies that ours must not see.
const otherPartner = "another-partner-id"

// A seedTenant is a tenant to be seeded with its people.
type seedTenant struct {
	tenant
	age    time.Duration // before the moment of seeding
	people int           // how many, the known ones included
	known  []knownUser
	script int // what most of the names are written in
}

// A knownUser is a person with a story of their own.
type knownUser struct {
	id             string
	symphonyUserID int64
	disabled       bool
	askedUser
}

const day = 24 * time.Hour

// ours is a company of the sandbox's partner. Its domains are separated by
// spaces.
func ours(name, vanityName, domains string, age time.Duration, people, script int) seedTenant {
	return seedTenant{
		tenant: tenant{partner: PartnerID, name: name, vanityName: vanityName, listed: true, domains: strings.Fields(domains)},
		age:    age, people: people, script: script,
	}
}

// theirs is somebody else's tenant: of another partner, or of nobody's but its
// own. A normal customer's pod is named without ".on.".
func theirs(partner, name, vanityName, domains string, people int) seedTenant {
	t := ours(name, vanityName, domains, 900*day, people, latin)
	t.partner = partner
	if partner == "" {
		t.publicHost = vanityName + ".symphony.com"
	}
	return t
}

// ending gives the tenant another fate than COMPLETED.
func (t seedTenant) ending(state, traceID string) seedTenant {
	t.fate, t.errorMessage = state, errorMessageOf(state, traceID)
	return t
}

// smallTenants is the least in which everything that is special occurs once.
func smallTenants() []seedTenant {
	lyondell := lyondell(105)
	return append([]seedTenant{
		lyondell,
		ours("Meridian Bank", "meridian", "meridian.example", 400*day, 22, latin),
		ours("東京証券 Tōkyō Securities", "tokyo", "tokyo-sec.example", 300*day, 5, japanese),
		fullDomains(),
		ours("Halcyon Trust", "halcyon", "halcyon.example", 2*day, 0, latin),
		ours("Öresund Capital", "oresund", "oresund.example", 6*time.Minute, 0, latin),
		ours("Société Générique", "socgen", "generique.example", 41*time.Minute, 0, latin).ending(stateTenantCreationError, "KUfkYm"),
		ours("Vega Markets", "vega", "vega.example vega-fx.example", 20*day, 4, latin),
	}, otherTenants()...)
}

func demoTenants() []seedTenant {
	tenants := []seedTenant{
		lyondell(12_004),
		ours("Meridian Bank", "meridian", "meridian.example meridian-uk.example meridian.asia.example", 610*day, 3180, latin),
		ours("東京証券 Tōkyō Securities", "tokyo", "tokyo-sec.example", 540*day, 1912, japanese),
		ours("Rhône Gestion", "rhone", "rhone.example rhone-gestion.example", 505*day, 640, latin),
		ours("Union d’Épargne", "union", "union.example", 490*day, 88, latin),
		fullDomains(),

		ours("Öresund Capital", "oresund", "oresund.example", 6*time.Minute, 0, latin),
		ours("Kestrel & Hart", "kestrel-hart", "kestrelhart.example", 2*time.Minute, 0, latin),
		ours("Tidewater Partners", "tidewater", "tidewater.example", 3*time.Hour, 0, latin).ending(stateStarted, ""),
		ours("Société Générique", "socgen", "generique.example", 41*time.Minute, 0, latin).ending(stateTenantCreationError, "KUfkYm"),
		ours("Blackthorn Energy", "blackthorn", "blackthorn.example", 5*day, 0, latin).ending(stateAuth0ConfigError, "q7Rt2X"),
		ours("Ponte Vecchio SIM", "pontevecchio", "pontevecchio.example", 12*day, 0, latin).ending(stateTenantConfigError, "Zb81pd"),
		ours("Vega Markets", "vega", "vega.example vega-fx.example vega-rates.example vega.asia.example vega.us.example", 20*day, 402, latin),
		ours("Halcyon Trust", "halcyon", "halcyon.example", 2*day, 0, latin),

		ours("Αιγαίο Κεφάλαιο", "aegean", "aegean.example", 480*day, 210, greek),
		ours("Дніпро Інвест", "dnipro", "dnipro-invest.example", 470*day, 265, cyrillic),
		ours("龍門資本 Dragon Gate Capital", "dragon-gate", "dragongate.example dragongate-hk.example", 455*day, 740, chinese),
		ours("한강증권 Hangang Securities", "hangang", "hangang.example", 440*day, 655, korean),
		ours("بنك الواحة Oasis Bank", "oasis", "oasisbank.example", 425*day, 430, arabic),
		ours("כרמל השקעות Carmel Investments", "carmel", "carmel.example", 410*day, 175, hebrew),
		ours("บริษัทหลักทรัพย์เจ้าพระยา Chao Phraya Securities", "chaophraya", "chaophraya.example", 395*day, 240, thai),
		ours("हिमालय वित्त Himalaya Finance", "himalaya", "himalaya.example", 380*day, 510, devanagari),

		ours("Aldgate Brokers", "aldgate", "aldgate.example", 365*day, 320, latin),
		ours("Banco del Páramo", "paramo", "paramo.example", 350*day, 285, latin),
		ours("Cobalt Row Asset Management", "cobaltrow", "cobaltrow.example cobaltrow-am.example", 335*day, 190, latin),
		ours("D’Arcy, Ng & Fils", "darcy-ng", "darcyng.example", 320*day, 64, latin),
		ours("Elbkontor Bank", "elbkontor", "elbkontor.example", 300*day, 375, latin),
		ours("Fjordline Kapital", "fjordline", "fjordline.example", 280*day, 142, latin),
		ours("Granite Bay Futures", "granitebay", "granitebay.example", 260*day, 98, latin),
		ours("Hollow Oak Wealth", "hollowoak", "hollowoak.example", 240*day, 51, latin),
		ours("Iberia Valores", "iberia-valores", "iberiavalores.example", 220*day, 233, latin),
		ours("Jagiełło Dom Maklerski", "jagiello", "jagiello.example", 200*day, 118, latin),
		ours("Kaap Clearing", "kaap", "kaap.example", 180*day, 87, latin),
		ours("Longshore Custody", "longshore", "longshore.example", 160*day, 412, latin),
		ours("Maple & Main Credit Union of the Greater Western Townships and Counties, a Cooperative Society Ltd.", "maple-main", "maplemain.example", 140*day, 36, latin),
		ours("Nordlicht Versicherung", "nordlicht", "nordlicht.example", 120*day, 204, latin),
		ours("O'Malley <Rates> & Sons", "omalley", "omalley.example", 100*day, 17, latin),
		ours("Palisade Prime", "palisade", "palisade.example", 80*day, 156, latin),
		ours("Quayside Treasury", "quayside", "quayside.example", 60*day, 73, latin),
		ours("Saffron Bridge Securities", "saffron-bridge", "saffronbridge.example", 45*day, 128, devanagari),
		ours("Tern Island Reinsurance", "tern-island", "ternisland.example", 30*day, 41, latin),
		ours("Zürichberg Privatbank", "zuerichberg", "zuerichberg.example", 9*day, 29, latin),
	}
	return append(tenants, otherTenants()...)
}

// lyondell is the company of the published examples, and the home of those with
// a story.
func lyondell(people int) seedTenant {
	t := ours("Lyondell Trading", "lyondell", "lyondell.example lyondell-fx.example", 640*day, people, latin)
	t.id = lyondellID
	t.known = knownUsers()
	return t
}

// fullDomains is a company that can take no further domain.
func fullDomains() seedTenant {
	return ours("Concordia Group", "concordia",
		"concordia.example concordia-be.example concordia-ch.example concordia-de.example concordia-es.example "+
			"concordia-fr.example concordia-it.example concordia-lu.example concordia-nl.example concordia-uk.example",
		450*day, 10, latin)
}

// otherTenants share the directory with ours: their names, domains and people
// are taken, and the login service knows most of them.
func otherTenants() []seedTenant {
	legacy := theirs("", "Lyondell Legacy Services", "lyondell-legacy", "legacy.lyondell.example", 2)
	// An address in a domain that is ours now, on a tenant that is not: 40002.
	legacy.known = []knownUser{{askedUser: askedUser{
		Email: "old.hand@lyondell.example", FirstName: "Old", LastName: "Hand", DisplayName: "Old Hand",
	}}}
	quiet := theirs("", "Quiet Harbour Connect", "quietharbour", "quietharbour.example", 3)
	quiet.listed = false
	return []seedTenant{
		theirs("", "Corporate Holdings", "corporate", "corporate.example", 6),
		theirs(otherPartner, "Northwind Brokers", "northwind", "northwind.example", 4),
		legacy,
		quiet,
	}
}

// largeTenants are companies with so many people in all: 200 of very different size,
// the largest with a tenth of everybody.
func largeTenants(people int) []seedTenant {
	const companies = 200
	kinds := []int{latin, latin, latin, latin, greek, cyrillic, japanese, chinese, korean, arabic, hebrew, thai, devanagari}
	sectors := strings.Fields("Bank Securities Capital Partners Markets Brokers Futures Custody Treasury Clearing Kapital Gestion Valores")
	places := strings.Fields("Aldgate Brabant Caldera Dunmore Estuary Fjell Glarus Hafen Istria Juras Kestrel Lagoon Moraine Nevada Ostend Peaks Quarry Rhône Skagen Tirol Umbria Vänern Wharf Xanten Yarrow Zürich")
	var weights [companies]float64
	sum := 0.0
	for i := range weights {
		weights[i] = 1 / float64(i+4)
		sum += weights[i]
	}
	tenants, left := []seedTenant{lyondell(max(people/10, len(knownUsers())))}, people-people/10
	sum -= weights[0]
	for i := 1; i < companies; i++ {
		n := min(int(float64(people-people/10)*weights[i]/sum), left)
		if i == companies-1 {
			n = left
		}
		left -= n
		place := places[i%len(places)]
		slug := fmt.Sprintf("c%03d", i)
		domains := slug + ".example"
		if i%3 == 0 {
			domains += " " + slug + "-group.example"
		}
		tenants = append(tenants, ours(fmt.Sprintf("%s %s %d", place, sectors[i%len(sectors)], i), slug, domains, time.Duration(600-i*2)*day, n, kinds[i%len(kinds)]))
	}
	return append(tenants, otherTenants()...)
}
