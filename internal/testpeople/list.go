package testpeople

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ListPages are the pages of a company's list as Symphony answers them.
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
	for users := range People(company, size) {
		page := struct {
			Total    int      `json:"total"`
			PageSize int      `json:"pageSize"`
			Users    []person `json:"users"`
		}{Total: company.People, PageSize: size}
		for _, u := range users {
			page.Users = append(page.Users, person{u.ID, u.SymphonyUserID, u.Email, u.FirstName, u.LastName, u.DisplayName, u.Department, u.Title, u.Location, u.PhoneNumber, u.CreatedAt, u.UpdatedAt})
		}
		text, _ := json.Marshal(page) // can't fail: texts, numbers and times
		pages = append(pages, text)
	}
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
		if number >= len(pages) {
			_, _ = fmt.Fprint(w, `{"users": []}`)
			return
		}
		_, _ = w.Write(pages[number])
	})
}
