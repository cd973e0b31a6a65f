package wording

import (
	"time"

	"foyer/auth"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// StatusKind maps Symphony's three-valued status to its badge.
func StatusKind(st sapi.Status) ui.StatusKind {
	switch st {
	case sapi.StatusActive:
		return ui.StatusActive
	case sapi.StatusDisabled:
		return ui.StatusDisabled
	case sapi.StatusUnknown:
	}
	return ui.StatusUnknown
}

// StatusFresh is how old a status may be before a page reads it again by
// itself.
const StatusFresh = 5 * time.Minute

// StatusCell is a person's status with its age, and the way to read it when it
// isn't known.
func StatusCell(u directory.UserRecord, now time.Time) views.StatusCell {
	cell := views.StatusCell{ID: "status-" + u.ID, Status: ui.StatusProps{Kind: StatusKind(u.Status)}, ReadAt: u.StatusAt, Now: now}
	if u.Status == sapi.StatusUnknown {
		cell.CheckHref = views.UserPath(u.CompanyID, u.ID)
	}
	return cell
}

// UserAction is what can be done with a person's status, or why it can't be.
func UserAction(u directory.UserRecord, a auth.Actor) views.UserAction {
	action := views.UserAction{ID: "action-" + u.ID, Href: views.StatusPath(u.CompanyID, u.ID), Name: portal.UserName(u.User), Label: StatusAction(u.Status)}
	if !a.Can(auth.ChangeStatus) {
		action.Forbidden = ReadOnly
	}
	return action
}

// ReadOnly is why somebody can't change a status that their roles don't let them.
const ReadOnly = "Read only"

// StatusAction is what can be done with a person of a status.
func StatusAction(st sapi.Status) string {
	switch st {
	case sapi.StatusActive:
		return "Disable"
	case sapi.StatusDisabled:
		return "Enable"
	case sapi.StatusUnknown:
	}
	return "Disable or enable"
}
