-- +goose Up

-- Since when the people of a company have been observed.
CREATE INDEX observation_since ON observation (company_id, first_at);

-- Everybody of a company, in the order in which Symphony lists them.
CREATE INDEX company_user_created ON company_user (company_id, created_at, id);
