package lists

// openWorkbook reads a list from the first sheet that has one, or the one that was chosen.
func openWorkbook(content []byte, o Options) (File, error) {
	return File{}, &Refused{Code: Damaged}
}
