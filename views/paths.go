package views

import (
	"net/url"
	"strconv"
	"strings"

	"foyer/views/ui"
)

// The paths of pages and forms: the one place where URLs are put together.
// Handlers redirect by them, templates link by them. Ids are escaped, so that
// whatever Symphony may call a thing stays one element of the path.

// CompaniesPath is the list of companies.
const CompaniesPath = "/companies"

// CompaniesCSVPath is the list of companies as a file.
const CompaniesCSVPath = "/companies.csv"

// ReadCompaniesPath is where the form 'Read again' of the list is sent.
const ReadCompaniesPath = "/companies/read"

// AskSymphonyPath is where 'Ask now' on the first page is sent.
const AskSymphonyPath = "/symphony/ask"

// NewCompanyPath is the form for a new company.
const NewCompanyPath = "/companies/new"

// CheckCompanyPath is where the form for a new company is sent.
const CheckCompanyPath = "/companies/check"

// PrecheckPath is the page that asks who is on Symphony already.
const PrecheckPath = "/precheck"

// PrecheckCSVPath is where what a pre-check found can be had as a file.
const PrecheckCSVPath = "/precheck.csv"

// ActivityPath is everybody's activity.
const ActivityPath = "/audit"

// ActivityCSVPath is everybody's activity as a file.
const ActivityCSVPath = "/audit.csv"

// ActivityEvidencePath is everybody's activity as a file with its proofs.
const ActivityEvidencePath = "/audit.zip"

// CheckpointPath is the last checkpoint of the ledger as a file.
const CheckpointPath = "/audit/checkpoint.txt"

// SessionsPath is the page of sessions.
const SessionsPath = "/sessions"

// CompanyPath is the page of one company.
func CompanyPath(id string) string { return "/companies/" + url.PathEscape(id) }

// CompanyProgressPath is the part of a company's page that is asked for again
// and again while the company is being built.
func CompanyProgressPath(id string) string { return CompanyPath(id) + "/progress" }

// HistoryPath is what was done to one company and its people; before is the
// sequence number below which a page begins, 0 for the newest.
func HistoryPath(id string, before int64) string {
	return beforePath(CompanyPath(id)+"/history", before)
}

// DomainsPath is the form that adds domains to a company, and where it is sent
// in the end.
func DomainsPath(id string) string { return CompanyPath(id) + "/domains" }

// NotesPath is the form for the notes on a company, and where it is sent.
func NotesPath(id string) string { return CompanyPath(id) + "/notes" }

// NotePath is the form for the note on a person, and where it is sent.
func NotePath(companyID, userID string) string { return UserPath(companyID, userID) + "/note" }

// TaggedPath is the list of the companies that have a tag.
func TaggedPath(tag string) string { return WithQuery(CompaniesPath, url.Values{"tag": {tag}}) }

// DomainsForBulkPath is likewise, filled with a domain that a bulk change lacks and to which
// it leads back.
func DomainsForBulkPath(id, domain string, bulk int64) string {
	return WithQuery(DomainsPath(id), url.Values{"emailDomains": {domain}, "bulk": {strconv.FormatInt(bulk, 10)}})
}

// CheckDomainsPath is where the form that adds domains is sent first.
func CheckDomainsPath(id string) string { return DomainsPath(id) + "/check" }

// PeoplePath is the first page of a company's people, and where people to be
// created are sent in the end.
func PeoplePath(id string) string { return CompanyPath(id) + "/users" }

// AllPeoplePath is the table of the people of all companies.
const AllPeoplePath = "/people"

// EverybodyFilePath is the people of all companies as a file: "csv" or "jsonl".
func EverybodyFilePath(kind string) string { return AllPeoplePath + "." + kind }

// PeopleFilePath is the people of one company as a file, likewise.
func PeopleFilePath(id, kind string) string { return PeoplePath(id) + "." + kind }

// SelectedPath is where people who were selected in a table are sent to be downloaded.
const SelectedPath = AllPeoplePath + "/selected.csv"

// EmailsPath is where they are sent for their e-mail addresses.
const EmailsPath = AllPeoplePath + "/emails"

// PeopleValuesPath has the values that a column of people can be filtered by.
func PeopleValuesPath(column string) string {
	return WithQuery(AllPeoplePath+"/values", url.Values{"column": {column}})
}

// PeopleReadingPath is the part of a page that says how far people are read.
const PeopleReadingPath = AllPeoplePath + "/reading"

// ReadPeoplePath is where 'Read again' of one company's people is sent.
func ReadPeoplePath(id string) string { return PeoplePath(id) + "/read" }

// FiltersPath is where a filter of people is saved under a name.
const FiltersPath = AllPeoplePath + "/filters"

// DeleteFilterPath is where it is deleted.
func DeleteFilterPath(id string) string { return FiltersPath + "/" + url.PathEscape(id) + "/delete" }

// UsersPath is one page of a company's people. Page counts from 1; a size of 0
// means the one remembered; status is "active", "disabled" or empty for all.
func UsersPath(id string, page, size int, status string) string {
	q := url.Values{}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if size > 0 {
		q.Set("size", strconv.Itoa(size))
	}
	if status != "" {
		q.Set("status", status)
	}
	return WithQuery(PeoplePath(id), q)
}

// UsersAtPath is UsersPath as of a time, written as in "2026-09-30T18:00Z".
func UsersAtPath(id string, page, size int, status, at string) string {
	return atPath(UsersPath(id, page, size, status), at)
}

// StatusAtCSVPath is who of a company was active at a time, as a file.
func StatusAtCSVPath(id, at string) string { return atPath(PeoplePath(id)+"/at.csv", at) }

// StatusAtEvidencePath is the same as a file with its proofs.
func StatusAtEvidencePath(id, at string) string { return atPath(PeoplePath(id)+"/at.zip", at) }

// StatusesPath is where the statuses of people are read.
func StatusesPath(id string) string { return PeoplePath(id) + "/statuses" }

// NewPeoplePath is the form that adds people to a company.
func NewPeoplePath(id string) string { return PeoplePath(id) + "/new" }

// CheckPeoplePath is where the form that adds people is sent first.
func CheckPeoplePath(id string) string { return PeoplePath(id) + "/check" }

// UserPath is the page of one person.
func UserPath(companyID, userID string) string {
	// In one piece, because tables have a hundred of them.
	return "/companies/" + url.PathEscape(companyID) + "/users/" + url.PathEscape(userID)
}

// UserAtPath is UserPath as of a time.
func UserAtPath(companyID, userID, at string) string {
	return atPath(UserPath(companyID, userID), at)
}

// SignInPath is the page that says why a person can't sign in.
func SignInPath(companyID, userID string) string { return UserPath(companyID, userID) + "/sign-in" }

// StatusPath is the page on which a person is disabled or enabled, and where
// its form is sent.
func StatusPath(companyID, userID string) string { return UserPath(companyID, userID) + "/status" }

// UserOfStatusPath is the page of the person whose StatusPath it is given: for
// tables, where both stand in every row.
func UserOfStatusPath(statusPath string) string { return strings.TrimSuffix(statusPath, "/status") }

// UserHistoryPath is what was done to one person; before is as for HistoryPath.
func UserHistoryPath(companyID, userID string, before int64) string {
	return beforePath(UserPath(companyID, userID)+"/history", before)
}

// ChangePath is the page of one change that was asked of Symphony.
func ChangePath(id string) string { return "/changes/" + url.PathEscape(id) }

// ChangeProgressPath is the part of a change's page that is asked for again and
// again until the change is settled; version is the one that the page shows.
func ChangeProgressPath(id string, version int64) string {
	return WithQuery(ChangePath(id)+"/progress", url.Values{"version": {strconv.FormatInt(version, 10)}})
}

// PrecheckOfPath is the page that asks about one address or domain at once.
func PrecheckOfPath(email string) string {
	return WithQuery(PrecheckPath, url.Values{"email": {email}})
}

// FindPath is the search for people and companies; an empty query is its form.
func FindPath(query string) string {
	if query == "" {
		return "/find"
	}
	return WithQuery("/find", url.Values{"q": {query}})
}

// EverybodyPath is the table of the people of all companies, those whom a search finds;
// an empty one is of all.
func EverybodyPath(query string) string {
	if query == "" {
		return AllPeoplePath
	}
	return WithQuery(AllPeoplePath, url.Values{"q": {query}})
}

// SuggestPath is what the search box asks while somebody types.
const SuggestPath = "/find/suggest"

// FillingPath is how far the first reading of the directory is.
const FillingPath = "/find/filling"

// ActivityOfTracePath is the events with a trace id of Symphony's.
func ActivityOfTracePath(trace string) string {
	return WithQuery(ActivityPath, url.Values{"trace": {trace}})
}

// ActivityOfReferencePath is the events with a reference of Foyer's.
func ActivityOfReferencePath(reference string) string {
	return WithQuery(ActivityPath, url.Values{"request": {reference}})
}

// EventPath is the page of one line of the ledger.
func EventPath(seq int64) string { return ActivityPath + "/" + strconv.FormatInt(seq, 10) }

// EventProofPath is the proof of one line of the ledger as a file.
func EventProofPath(seq int64) string { return EventPath(seq) + "/proof.json" }

// EventTLogProofPath is the same in the form of C2SP's tlog-proof.
func EventTLogProofPath(seq int64) string { return EventPath(seq) + "/proof.tlog-proof" }

// ReviewsPath is the list of all access reviews.
const ReviewsPath = "/reviews"

// CompanyReviewsPath is the list of one company's access reviews, and where the
// form that starts one is sent.
func CompanyReviewsPath(companyID string) string { return CompanyPath(companyID) + "/reviews" }

// ReviewPath is the page of one access review.
func ReviewPath(id int64) string { return ReviewsPath + "/" + strconv.FormatInt(id, 10) }

// ReviewPageOf is one page of the people of a review; show narrows them as
// review.Filter says.
func ReviewPageOf(id int64, show string, page int) string {
	q := url.Values{}
	if show != "" {
		q.Set("show", show)
	}
	if page > 1 {
		q.Set(ui.PageParameter, strconv.Itoa(page))
	}
	return WithQuery(ReviewPath(id), q)
}

// ReviewProgressPath is the part of a review's page that is asked for again and
// again while the review is being prepared.
func ReviewProgressPath(id int64) string { return ReviewPath(id) + "/progress" }

// DecisionsPath is where the decisions of a page are sent.
func DecisionsPath(id int64) string { return ReviewPath(id) + "/decisions" }

// DecisionPath is where the script sends the decision about one person, from a
// page that shows what show says.
func DecisionPath(id int64, userID, show string) string {
	path := ReviewPath(id) + "/people/" + url.PathEscape(userID)
	if show == "" {
		return path
	}
	return WithQuery(path, url.Values{"show": {show}})
}

// FinishReviewPath is the page on which a review is finished, and where its form
// is sent.
func FinishReviewPath(id int64) string { return ReviewPath(id) + "/finish" }

// CancelReviewPath is the page on which a review is cancelled, and where its form
// is sent.
func CancelReviewPath(id int64) string { return ReviewPath(id) + "/cancel" }

// ReviewCSVPath is a finished review as a file.
func ReviewCSVPath(id int64) string { return ReviewPath(id) + "/export.csv" }

// ReviewEvidencePath is a finished review as a file with its proof.
func ReviewEvidencePath(id int64) string { return ReviewPath(id) + "/export.zip" }

// ToDisablePath is the list of those whom a finished review wants disabled, for
// whoever is to do it.
func ToDisablePath(id int64) string { return ReviewPath(id) + "/to-disable" }

// StatusForReviewPath is StatusPath with a finished review as the reason.
func StatusForReviewPath(companyID, userID string, review int64) string {
	return WithQuery(StatusPath(companyID, userID), url.Values{"review": {strconv.FormatInt(review, 10)}})
}

// EndAllSessionsPath is where all sessions of the person who has this one are ended.
func EndAllSessionsPath(id string) string {
	return SessionsPath + "/" + url.PathEscape(id) + "/end-all"
}

// EndSessionPath is where a session is ended.
func EndSessionPath(id string) string { return SessionsPath + "/" + url.PathEscape(id) + "/end" }

// PeopleCountsPath is where a page of a company's people has its numbers again.
func PeopleCountsPath(companyID string) string { return PeoplePath(companyID) + "/counts" }

// WaitParameter is in the address of a page that waits for Symphony, whatever it takes.
const WaitParameter = "wait"

// WaitingPath is an address of a page that waits for Symphony.
func WaitingPath(address string) string {
	path, query, _ := strings.Cut(address, "?")
	q, _ := url.ParseQuery(query) // what can't be read was refused already
	q.Set(WaitParameter, "1")
	return WithQuery(path, q)
}

// WithQuery adds a query to a path; an empty one adds nothing.
func WithQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// atPath adds a time to a path that may have a query already.
func atPath(path, at string) string {
	if at == "" {
		return path
	}
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	return path + separator + "at=" + url.QueryEscape(at)
}

func beforePath(path string, before int64) string {
	if before <= 0 {
		return path
	}
	return WithQuery(path, url.Values{"before": {strconv.FormatInt(before, 10)}})
}

// BulkPath is the list of bulk changes, and where a new one's list is sent.
const BulkPath = "/bulk"

// NewBulkPath is the form for a bulk change of a kind, of a company; either may be empty.
func NewBulkPath(kind, companyID string) string {
	q := url.Values{}
	if kind != "" {
		q.Set("kind", kind)
	}
	if companyID != "" {
		q.Set("companyId", companyID)
	}
	return WithQuery(BulkPath+"/new", q)
}

// BulkFilePath is the template or the example of a list: "template.csv", "example.xlsx".
func BulkFilePath(name, kind string) string {
	return WithQuery(BulkPath+"/"+name, url.Values{"kind": {kind}})
}

// BulkSelectedPath is where people who were ticked in a table are sent to be disabled or
// enabled.
const BulkSelectedPath = BulkPath + "/selected"

// BulkChangePath is the page of one bulk change.
func BulkChangePath(id int64) string { return BulkPath + "/" + strconv.FormatInt(id, 10) }

// BulkRowsOf is that page with the rows that show names, from the one behind after.
func BulkRowsOf(id int64, show string, after int) string {
	q := url.Values{}
	if show != "" {
		q.Set("show", show)
	}
	if after > 0 {
		q.Set("after", strconv.Itoa(after))
	}
	return WithQuery(BulkChangePath(id), q) + "#rows"
}

// BulkProgressPath is the part of the page that is asked for again and again; seen says
// what the page shows.
func BulkProgressPath(id int64, seen string) string {
	return WithQuery(BulkDoPath(id, "progress"), url.Values{"seen": {seen}})
}

// BulkPrecheckPath is likewise of how far the pre-check of its people is.
func BulkPrecheckPath(id int64, seen string) string {
	return WithQuery(BulkDoPath(id, "precheck"), url.Values{"seen": {seen}})
}

// BulkDoPath is where the forms of a bulk change are sent, by what each of them does.
func BulkDoPath(id int64, what string) string { return BulkChangePath(id) + "/" + what }

// BulkRowPath is the form for the cells of a row, and where it is sent.
func BulkRowPath(id int64, n int) string { return BulkDoPath(id, "rows") + "/" + strconv.Itoa(n) }

// BulkResultPath is the list as it was brought, with what became of each row: "csv" or
// "xlsx", of all rows or those that failed.
func BulkResultPath(id int64, kind string, failed bool) string {
	q := url.Values{}
	if failed {
		q.Set("only", "failed")
	}
	return WithQuery(BulkDoPath(id, "result."+kind), q)
}
