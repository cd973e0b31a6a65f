package testpeople

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ListPages are the pages of a company's list as Symphony answers them, an empty one last.
func ListPages(company Company, size int) (pages [][]byte) {
	type person struct {
		ID             string    `json:"id"`
		SymphonyUserID int64     `json:"symphonyUserId"`
		Email          string    `json:"email"`
		FirstName      string    `json:"firstName"`
		LastName       string    `json:"lastName"`
		DisplayName    string    `json:"displayName"`
		Department     string    `json:"department"`
		Title          string    `json:"title"`
		Location       string    `json:"location"`
		PhoneNumber    string    `json:"phoneNumber"`
		CreatedAt      time.Time `json:"createdAt"`
		UpdatedAt      time.Time `json:"updatedAt"`
	}
	add := func(users []person) {
		text, _ := json.Marshal(struct { // can't fail: texts, numbers and times
			Total    int      `json:"total"`
			PageSize int      `json:"pageSize"`
			Users    []person `json:"users"`
		}{company.People, size, users})
		pages = append(pages, text)
	}
	for users := range People(company, size) {
		page := make([]person, len(users))
		for i, u := range users {
			page[i] = person{u.ID, u.SymphonyUserID, u.Email, u.FirstName, u.LastName, u.DisplayName, u.Department, u.Title, u.Location, u.PhoneNumber, u.CreatedAt, u.UpdatedAt}
		}
		add(page)
	}
	add([]person{})
	return pages
}

// Slowly answers lists of people with the pages, each after a while, and leaves all else
// to another handler.
func Slowly(pages [][]byte, after time.Duration, other http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/users") {
			other.ServeHTTP(w, r)
			return
		}
		<-time.After(after)
		number, _ := strconv.Atoi(r.URL.Query().Get("currentPage"))
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(pages[min(number, len(pages)-1)])
	})
}
