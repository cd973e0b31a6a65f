package wording

import (
	"cmp"
	"strconv"
	"strings"

	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
	"foyer/views/ui"
)

// ChangeTitle names what was asked: "Disable Adele Vance".
func ChangeTitle(c change.Change) string {
	switch c.Kind {
	case change.CreateCompany:
		return "Create company " + cmp.Or(c.NewCompany.Name, c.Company.Name)
	case change.AddDomains:
		return "Add domains to " + c.Company.Name
	case change.CreateUsers:
		return "Add " + ui.Count(len(c.People), "person", "people") + " to " + c.Company.Name
	case change.DisableUser:
		return "Disable " + ChangedUser(c)
	case change.EnableUser:
		return "Enable " + ChangedUser(c)
	}
	return "A change"
}

// ChangedUser is how the person of a change of status is called.
func ChangedUser(c change.Change) string {
	return portal.FirstSeen(c.User.Name, c.User.Email, c.User.ID, "a person")
}

// StateWord is how far a change has come, in a word or two.
func StateWord(s change.State) string {
	switch s {
	case change.Proposed:
		return "Waiting for approval"
	case change.Queued:
		return "Waiting for its turn"
	case change.Sent:
		return "Being sent"
	case change.Unknown:
		return "Not known yet"
	case change.Done:
		return "Done"
	case change.Refused, change.Expired, change.Superseded, change.Declined, change.Cancelled:
		return "Not done"
	case change.Abandoned:
		return "Never found out"
	}
	return string(s)
}

// DoneTitle says that a change was made; of people, how many each.
func DoneTitle(c change.Change) string {
	switch c.Kind {
	case change.CreateCompany:
		return c.NewCompany.Name + " is being built"
	case change.AddDomains:
		return "The domains are there"
	case change.CreateUsers:
		return tally(outcomesOf(c.People))
	case change.DisableUser:
		return ChangedUser(c) + " was disabled"
	case change.EnableUser:
		return ChangedUser(c) + " was enabled"
	}
	return "It was done"
}

func outcomesOf(rows []change.Row) []sapi.ItemOutcome {
	outcomes := make([]sapi.ItemOutcome, len(rows))
	for i, r := range rows {
		outcomes[i] = r.Outcome
	}
	return outcomes
}

// tally counts what became of people: "38 created · 2 already there · 3 not created".
func tally(outcomes []sapi.ItemOutcome) string {
	counts := map[sapi.ItemOutcome]int{}
	for _, o := range outcomes {
		counts[o]++
	}
	var parts []string
	for _, o := range []struct {
		outcome sapi.ItemOutcome
		words   string
	}{
		{sapi.ItemCreated, "created"}, {sapi.ItemExists, "already there"}, {sapi.ItemRefused, "not created"}, {sapi.ItemUnknown, "being checked"},
	} {
		if n := counts[o.outcome]; n > 0 {
			parts = append(parts, ui.Number(n)+" "+o.words)
		}
	}
	return strings.Join(parts, " · ")
}

// WayBack names what undoes a change of status.
func WayBack(k change.Kind) string {
	if k == change.EnableUser {
		return "Disable again"
	}
	return "Enable again"
}

// WhyRefused says why Symphony refused a change, and that it did nothing.
func WhyRefused(change change.Change) string {
	words := strings.TrimSpace(cmp.Or(ChangeNote(change), "Symphony refused it."))
	if strings.Contains(words, "Nothing was") {
		return words
	}
	return strings.TrimSuffix(words, ".") + ". " + nothingChanged
}

// InTheWay says which other change keeps one from being sent, and where it stands.
func InTheWay(busy *change.Busy) string {
	c := busy.Change
	words := "“" + ChangeTitle(c) + "”, which " + ActorName(c.Actor, c.Erased) + " asked for at " + ui.Clock(c.CreatedAt) + " UTC, "
	if busy.Row >= 0 {
		words = "The person in row " + strconv.Itoa(busy.Row+1) + " is in another change. " + words
	}
	if c.State.Settled() {
		return words + "was settled after this page had been read. Nothing of this was sent. Look at how it ended, and do it again if it is still needed."
	}
	return words + "is not settled yet: " + Standing(c.State) + ". Nothing of this was sent."
}

// Standing says where a change stands that is not settled, as the end of a sentence.
func Standing(s change.State) string {
	return map[change.State]string{
		change.Proposed: "it waits for approval", change.Queued: "its turn has not come", change.Sent: "it is being sent",
		change.Unknown: "Symphony’s answer was lost, and Foyer is finding out what became of it",
	}[s]
}
