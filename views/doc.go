// Package views owns what the pages of several resources share: the frame around every
// page (Layout and Bare), the error page, the paths, and the parts that more than one
// resource shows, such as a history, a person's status, the row of a company, the
// verdicts of a pre-check, or the note that what is shown is old. The pages themselves
// are in a package for each resource beneath it, the components in package ui.
//
// A page is a template and the type of what it shows, in names that go together: List
// shows a ListPage, Show a ShowPage, Form a FormPage, Check a CheckPage. A template whose
// name ends with Part is a part of a page that a script asks for by itself. A .templ file
// has the markup, the .go file of its name the types. Handlers import the package of
// their resource as pages, because their own has the same name.
//
// It and the packages beneath it must not know the client of Symphony, the database or
// the clock: handlers map what they have to these types, print-ready, and pass the time
// that counts as now. They hold no logic beyond choosing what to show, write no inline
// script or style, because the Content-Security-Policy refuses both, and know no other
// resource: what two of them show comes here.
//
// After a change of a template run `make generate`; after new class names also
// `make css`. The generated files are committed, so building needs Go alone.
//
// Only package handlers, those beneath it and those beneath this one import it.
package views
