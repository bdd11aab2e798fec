-- For an administrator, where the login that migrates may not create roles. Replace census_owner by that login.
-- The roles cannot log in; the login acts as one of them, for one transaction at a time.
CREATE ROLE census_app NOLOGIN;
CREATE ROLE census_system NOLOGIN;
CREATE ROLE census_read NOLOGIN;
-- PostgreSQL 16 and later. Before 16 leave the WITH clause out.
GRANT census_app, census_system, census_read TO census_owner WITH INHERIT FALSE, SET TRUE;
