package wording

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/bulk"
	"foyer/portal/review"
	"foyer/views"
	"foyer/views/ui"
)

// reviewOf is the access review that an event is about; 0 when it is about none,
// or its values were erased.
func reviewOf(e ledger.Event) int64 {
	var after struct {
		Review int64 `json:"review"`
	}
	if json.Unmarshal(e.After, &after) != nil {
		return 0
	}
	return after.Review
}

// reviewNote names the access review that an event is about, and says what was
// decided. Of an event whose values were erased nothing of it is left.
func reviewNote(e ledger.Event, a auth.Actor) views.EventNote {
	var after struct {
		Review             int64
		Keep, Disable, Ask int
	}
	if json.Unmarshal(e.After, &after) != nil || after.Review == 0 {
		return views.EventNote{Text: e.Note}
	}
	name, decided := ReviewTitle(review.Review{ID: after.Review}), ""
	switch e.Action { //nolint:exhaustive // the others decide nothing
	case ledger.DecideReview:
		decided = ": " + decidedTally(e.Users) + "."
	case ledger.FinishReview:
		decided = fmt.Sprintf(": %d keep, %d disable, %d ask.", after.Keep, after.Disable, after.Ask)
	}
	if a.Can(auth.Review) {
		return views.EventNote{Link: ui.Link{Label: name, Href: views.ReviewPath(after.Review)}, Text: decided}
	}
	return views.EventNote{Text: name + decided}
}

// decidedWhat says what was decided of some people, where it is the same of all.
func decidedWhat(users []ledger.User) string {
	results := decidedResults(users)
	if len(results) != 1 {
		return WordsOf(ledger.DecideReview).done
	}
	switch results[0] {
	case review.KeepAccess:
		return "Confirmed the access of"
	case review.DisableAccess:
		return "Decided to disable"
	case review.AskAbout:
		return "Decided to ask about"
	case review.Undecided:
	}
	return WordsOf(ledger.DecideReview).done
}

// decidedTally counts what was decided: "10 keep, 2 disable", or of one person
// "keep".
func decidedTally(users []ledger.User) string {
	if len(users) == 1 {
		return users[0].Result
	}
	var words []string
	for _, decision := range decidedResults(users) {
		n := 0
		for _, u := range users {
			if review.Decision(u.Result) == decision {
				n++
			}
		}
		words = append(words, ui.Number(n)+" "+string(decision))
	}
	return strings.Join(words, ", ")
}

// decidedResults are the decisions that were taken about some people, each once,
// in the order in which pages have them.
func decidedResults(users []ledger.User) []review.Decision {
	return slices.DeleteFunc(slices.Clone(review.Decisions), func(d review.Decision) bool {
		return !slices.ContainsFunc(users, func(u ledger.User) bool { return review.Decision(u.Result) == d })
	})
}

// OfPerson narrows what was decided about many people at once, or not sent, to one of them: in
// their history it says what was decided of them.
func OfPerson(events []ledger.Event, userID string) []ledger.Event {
	events = slices.Clone(events)
	for i, e := range events {
		if e.Action != ledger.DecideReview && e.Action != ledger.BulkRows {
			continue
		}
		others := func(u ledger.User) bool { return u.ID != userID }
		if own := slices.DeleteFunc(slices.Clone(e.Users), others); len(own) > 0 {
			events[i].Users = own
		}
	}
	return events
}

// InSittings puts decisions that one person took in one review, one after the
// other, into one: the history of a company need not have a line for each click.
func InSittings(events []ledger.Event) []ledger.Event {
	var joined []ledger.Event
	var have map[string]bool // who is in the last of them
	for _, e := range events {
		own := slices.Clone(e.Users)
		if n := len(joined); n > 0 && oneSitting(joined[n-1], e) {
			// Of a person who was decided about again, the newest counts.
			own = slices.DeleteFunc(own, func(u ledger.User) bool { return have[u.ID] })
			joined[n-1].Users = append(joined[n-1].Users, own...)
		} else {
			e.Users, have = own, map[string]bool{}
			joined = append(joined, e)
		}
		for _, u := range own {
			have[u.ID] = true
		}
	}
	return joined
}

func oneSitting(a, b ledger.Event) bool {
	return a.Action == ledger.DecideReview && b.Action == ledger.DecideReview && reviewOf(a) != 0 && reviewOf(a) == reviewOf(b) &&
		a.Actor.Issuer == b.Actor.Issuer && a.Actor.Subject == b.Actor.Subject
}

// ResultWord is what became of one person of an event, for people.
func ResultWord(action ledger.Action, result string) string {
	if action == ledger.DecideReview {
		if word, ok := DecisionWords[review.Decision(result)]; ok {
			return word
		}
	}
	if action == ledger.BulkRows {
		return BulkRowStatus(bulk.RowState(result), bulk.Nothing).Word
	}
	return result
}
