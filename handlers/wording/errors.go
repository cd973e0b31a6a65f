package wording

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views/ui"
)

// Answer is what people are told of an error: what happened, what did not, and
// What to do next.
type Answer struct {
	Status int
	Title  string
	What   string // what happened, and what did not
	Next   string // what to do
	After  int    // in how many seconds to try again; 0: nothing is known of that
	// OfDirectory says that it is about the directory of people alone.
	OfDirectory bool
	Quiet       bool // an error of the asker's, or nobody's: not logged as ours
}

// NotSaved is what a form says that comes back because the store can't be written.
const NotSaved = "Nothing was saved: Foyer’s own store can’t be written now. What you typed is still here. Try again in a moment. If it stays like this, tell whoever runs Foyer."

const nothingChanged = "Nothing was changed."

// Classify is the table from errors to what people are told. What it doesn't
// know is a generic 500.
func Classify(err error) Answer {
	if forbidden, ok := errors.AsType[*portal.Forbidden](err); ok {
		return Answer{
			Status: http.StatusForbidden, Quiet: true, Title: "Your role doesn’t allow this",
			What: fmt.Sprintf("To %s you need the role %s. %s", PermissionWords(forbidden.Permission), orList(auth.RolesWith(forbidden.Permission)), nothingChanged),
			Next: "Ask whoever manages access to Foyer in your organisation.",
		}
	}
	if down, ok := errors.AsType[*directory.Unavailable](err); ok {
		return Answer{
			Status: http.StatusServiceUnavailable, Title: "The directory of people can’t be used now", After: mendedWithin(down), OfDirectory: true,
			What: DirectoryDown(down) + " Companies, changes and the ledger are kept elsewhere.",
			Next: tryDirectoryAgain(down) + " Meanwhile a company’s own page of people shows them as Symphony lists them, without filters, and the pre-check tells whether an address is on Symphony.",
		}
	}
	switch {
	case errors.Is(err, ledger.ErrKey) && errors.Is(err, ledger.ErrNotRecorded):
		return Answer{
			Status: http.StatusServiceUnavailable, Title: "This process of Foyer can’t record anything",
			What: "It doesn’t have the ledger’s key, so that nobody could tell what it records from what somebody put into the database. " + nothingChanged,
			Next: "Tell whoever runs Foyer: it needs the key file of the other processes, or the one from the backup. Looking up still works for who is signed in.",
		}
	case errors.Is(err, portal.ErrNotGivenOut):
		return Answer{
			Status: http.StatusServiceUnavailable, Title: "It can’t be recorded, so it was not given out",
			What: "Foyer could not write to its ledger, and nothing leaves it without a record.", Next: "Try again in a moment. If it stays like this, tell whoever runs Foyer.",
		}
	case errors.Is(err, portal.ErrLedger):
		return Answer{
			Status: http.StatusServiceUnavailable, Title: "It can’t be recorded, so it was not done",
			What: "Foyer could not write to its ledger. Nothing was sent to Symphony.", Next: "Try again in a moment. If it stays like this, tell whoever runs Foyer.",
		}
	case errors.Is(err, change.ErrUnrecorded):
		return Answer{
			Status: http.StatusServiceUnavailable, Title: "We don’t know yet",
			What: "The request was sent to Symphony, and Foyer could not record how it ended. Foyer finds out by itself.", Next: "Look at the company or the person in a minute, before you do it again.",
		}
	case errors.Is(err, portal.ErrNoAnswerYet):
		return Answer{
			Status: http.StatusGatewayTimeout, Quiet: true, Title: "Symphony hasn’t answered yet",
			What: "Foyer goes on asking it behind this page, and keeps what it says. " + nothingChanged, Next: "Load the page again in a moment.",
		}
	case errors.Is(err, portal.ErrOther):
		return Answer{
			Status: http.StatusBadGateway, Title: "Symphony answered about something else",
			What: "Its answer is about another company or person than was asked for, so Foyer doesn’t believe it. " + nothingChanged, Next: "Try again. If it stays, ask Symphony with the reference below.",
		}
	case errors.Is(err, directory.ErrNoneListed):
		return Answer{
			Status: http.StatusBadGateway, Title: "Symphony lists no companies now",
			What: "It listed some before, so Foyer doesn’t believe that yet and shows those. " + nothingChanged, Next: "Try again in a moment. If it stays, ask Symphony.",
		}
	case errors.Is(err, portal.ErrCompanyUnavailable):
		return Answer{
			Status: http.StatusConflict, Quiet: true, Title: "The company is not ready",
			What: "Symphony doesn’t know this company, or it is not ready yet. " + nothingChanged, Next: "Open the company to see how far it is.",
		}
	case errors.Is(err, portal.ErrGone):
		return Answer{
			Status: http.StatusNotFound, Quiet: true, Title: "Symphony doesn’t know this person any more",
			What: "Foyer read them there before, and has a page of what it read. " + nothingChanged,
			Next: "Open their page. Ask Symphony what became of them, if you expected them there.",
		}
	case errors.Is(err, portal.ErrNotFound), errors.Is(err, echo.ErrNotFound), sapi.IsNotFound(err):
		return Answer{
			Status: http.StatusNotFound, Quiet: true, Title: "There is nothing here",
			What: "Neither Foyer nor Symphony knows what this address names.", Next: "Check the address, or search for it in Foyer.",
		}
	case errors.Is(err, context.Canceled):
		return Answer{Status: 499, Quiet: true, Title: "The browser went away", What: nothingChanged}
	case errors.Is(err, ledger.ErrKey):
		return Answer{
			Status: http.StatusInternalServerError, Title: "The ledger can’t be signed here",
			What: "This process of Foyer doesn’t have the key that signs the ledger’s checkpoints. Nothing was exported.",
			Next: "Tell whoever runs Foyer: it needs the key file of the other processes, or the one from the backup.",
		}
	case errors.Is(err, portal.ErrNotScheduled):
		return Answer{
			Status: http.StatusServiceUnavailable, Title: "Foyer’s own store can’t be written now",
			What: "So nothing was begun. Looking up still works.", Next: "Try again in a moment. If it stays like this, tell whoever runs Foyer.",
		}
	case errors.Is(err, activity.ErrUnsigned):
		return Answer{
			Status: http.StatusInternalServerError, Title: "The ledger could not be signed",
			What: "Foyer signs only what continues the last checkpoint, and could not do so. Nothing was exported.",
			Next: "Tell whoever runs Foyer at once: ‘foyer audit verify’ says what is wrong.",
		}
	case sapi.IsInvalid(err):
		return Answer{
			Status: http.StatusBadRequest, Quiet: true, Title: "That can’t be an id",
			What: "The address holds something that Symphony can’t have given. " + nothingChanged, Next: "Check the address, or search for it in Foyer.",
		}
	}
	if a, ok := classifySymphony(err); ok {
		return a
	}
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		return classifyHTTP(he)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Answer{
			Status: http.StatusServiceUnavailable, Title: "That took too long",
			What: "Foyer’s own store didn’t answer in time. If you were changing something, look whether it was done before you do it again.", Next: "Try again in a moment. If it stays like this, tell whoever runs Foyer.",
		}
	}
	return Answer{
		Status: http.StatusInternalServerError, Title: "Something went wrong in Foyer",
		What: "It is not your fault. If you were changing something, look whether it was done before you do it again.", Next: "Try again. If it happens again, tell whoever runs Foyer the reference below.",
	}
}

// DirectoryDown says in sentences why the directory of people can't be used, and what
// becomes of that.
func DirectoryDown(down *directory.Unavailable) string {
	if down.Mending {
		return "The database in which Foyer looks people up was found damaged, or gone. Foyer makes it anew by itself within half a minute, and then reads everybody again. Nothing else is affected."
	}
	return "Foyer could not use the database in which it looks people up."
}

// mendedWithin is in how many seconds a directory that is being mended can be used again.
func mendedWithin(down *directory.Unavailable) int {
	if down.Mending {
		return 30
	}
	return 0
}

func tryDirectoryAgain(down *directory.Unavailable) string {
	if down.Mending {
		return "Try again in half a minute."
	}
	return "Try again in a moment. If it stays like this, tell whoever runs Foyer."
}

// classifySymphony is the part of the table that is about reading Symphony: the
// errors of changes are answered by their own pages.
func classifySymphony(err error) (Answer, bool) {
	if wait, limited := sapi.IsRateLimited(err); limited {
		return Answer{
			Status: http.StatusServiceUnavailable, Title: "Symphony asked us to wait",
			What: limiting(wait, sapi.WaitsUntil(err)) + " " + nothingChanged, Next: "Try again after that.",
		}, true
	}
	if wait, paused := sapi.IsPaused(err); paused {
		return Answer{
			Status: http.StatusBadGateway, Title: "Symphony doesn’t answer",
			What: "It didn’t a moment ago, so it wasn’t asked again. Foyer asks again in " + ui.Elapsed(wait.Round(time.Second)) + untilWords(sapi.WaitsUntil(err)) + ". Nothing was sent, and nothing was changed.",
			Next: "Try again after that.",
		}, true
	}
	switch {
	case sapi.IsCredentialsRejected(err):
		return Answer{
			Status: http.StatusBadGateway, Title: "Symphony rejected Foyer’s credentials",
			What: "Symphony doesn’t accept the client id and secret that Foyer was given. " + nothingChanged, Next: "Tell whoever runs Foyer: the credentials have to be renewed.",
		}, true
	case sapi.IsForbidden(err):
		return Answer{
			Status: http.StatusBadGateway, Title: "Symphony doesn’t allow this",
			What: "Symphony refused it to your organisation. " + nothingChanged, Next: "Ask Symphony, with the details below.",
		}, true
	case TLSWords(err) != "":
		return Answer{
			Status: http.StatusBadGateway, Title: "There is no safe connection to Symphony",
			What: "Foyer asked " + whoOfSymphony(err) + ", and " + TLSWords(err) + ". Nothing was sent, and nothing was changed.", Next: "Tell whoever runs Foyer.",
		}, true
	case sapi.IsNotSent(err):
		return Answer{
			Status: http.StatusBadGateway, Title: "Symphony can’t be reached",
			What: "Nothing was sent, and nothing was changed.", Next: "Try again in a moment.",
		}, true
	case sapi.IsUnavailable(err):
		return Answer{
			Status: http.StatusBadGateway, Title: "Symphony could not be read",
			What: "It did not answer, or not in a way that can be understood. " + nothingChanged, Next: "Try again in a moment.",
		}, true
	}
	if _, ok := errors.AsType[*sapi.Error](err); ok {
		return Answer{
			Status: http.StatusBadGateway, Title: "Symphony answered with an error",
			What: "What you asked for could not be read. " + nothingChanged, Next: "Try again. If it stays, ask Symphony with the details below.",
		}, true
	}
	return Answer{}, false
}

// whoOfSymphony says which of Symphony's services a call failed at.
func whoOfSymphony(err error) string {
	for e, ok := errors.AsType[*sapi.Error](err); ok; e, ok = errors.AsType[*sapi.Error](e.Err) {
		switch e.Operation {
		case "getToken":
			return "Symphony’s token endpoint"
		case "podLoginInformation":
			return "Symphony’s login service"
		}
	}
	return "Symphony’s API"
}

// limiting says that Symphony asked to wait and, where it did, until when it is left
// alone.
func limiting(wait time.Duration, until time.Time) string {
	if wait <= 0 {
		return "Symphony is limiting requests, and didn’t say for how long."
	}
	return "Symphony is limiting requests. Foyer asks it again in " + ui.Elapsed(wait.Round(time.Second)) + untilWords(until) + "."
}

// untilWords add until when something is waited for, where it is known.
func untilWords(until time.Time) string {
	if until.IsZero() {
		return ""
	}
	return ", at " + ui.Clock(until) + " UTC"
}

// classifyHTTP is the part of the table for what HTTP itself refuses.
func classifyHTTP(he *echo.HTTPError) Answer {
	a := Answer{Status: he.Code, Quiet: he.Code < http.StatusInternalServerError}
	switch he.Code {
	case http.StatusForbidden:
		a.Title, a.What, a.Next = "That came from another site", "Foyer takes requests only from its own pages. "+nothingChanged, "Open Foyer directly and do it there."
	case http.StatusMethodNotAllowed:
		a.Title, a.What, a.Next = "That can’t be done here", "This address doesn’t take such a request. "+nothingChanged, "Go back to the page before."
	case http.StatusRequestEntityTooLarge:
		a.Title, a.What, a.Next = "That is too much at once", nothingChanged, "Send it in smaller parts."
	case http.StatusRequestTimeout:
		// A browser that is answered 408 sends the form again by itself, up to three times, and
		// whoever waits is told nothing until then.
		a.Status = http.StatusBadRequest
		a.Title, a.What, a.Next = "The list took too long to come", "Foyer waits two minutes for a file. Nothing of it was kept. "+nothingChanged, "Go back to the form and send it again over a faster line, or divide the list."
	case http.StatusUnsupportedMediaType:
		a.Title, a.What, a.Next = "Foyer can’t read that", "It was not sent as one of Foyer’s forms. "+nothingChanged, "Use the form on the page."
	case http.StatusBadRequest:
		a.Title, a.What, a.Next = "Foyer can’t make sense of that", "The address or the form has a part that can’t be right. "+nothingChanged, "Check the address, or go back to the page before."
	case http.StatusTooManyRequests:
		a.Title, a.What, a.Next = "Too many requests", nothingChanged, "Wait a minute and try again."
	case http.StatusServiceUnavailable:
		a.Title, a.What, a.Next = "Foyer’s own store doesn’t answer", "Without it Foyer knows nobody and changes nothing.", "Try again in a moment. If it stays like this, tell whoever runs Foyer."
	default:
		a.Title, a.What, a.Next = http.StatusText(he.Code), nothingChanged, "Go back to the page before."
	}
	// Who refused it may say in a sentence what was wrong.
	if text, ok := he.Message.(string); ok && text != http.StatusText(he.Code) && a.Quiet {
		a.What = text + " " + nothingChanged
	}
	return a
}

// Forbidden says why an actor may not do what needs a permission; empty when
// they may.
func Forbidden(a auth.Actor, needs auth.Permission) string {
	if a.Can(needs) {
		return ""
	}
	return "Needs the role " + orList(auth.RolesWith(needs)) + "."
}

func orList(roles auth.Roles) string {
	list := roles.String()
	if last := strings.LastIndex(list, ", "); last >= 0 {
		return list[:last] + " or " + list[last+len(", "):]
	}
	return list
}

// ProblemDetails maps what Symphony said to the 'Details' of a page; nil stays
// nil.
func ProblemDetails(p *portal.Problem) *ui.DetailsProps {
	if p == nil {
		return nil
	}
	return &ui.DetailsProps{
		Code: p.Code, HTTPStatus: p.Status, TraceID: p.TraceID, Endpoint: strings.TrimSpace(p.Method + " " + p.Path),
		Time: p.At, Title: p.Title, Detail: p.Detail,
	}
}
