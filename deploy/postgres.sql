-- Run once by the Postgres image, as its superuser, when the volume is empty: the roles of docs/operations.md, with one
-- login that owns the database and runs the desk.
\getenv password POSTGRES_PASSWORD

CREATE ROLE recado_engine NOLOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE recado_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE recado LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'password';
-- The first migration grants them to its own login once more, which needs the option.
GRANT recado_engine, recado_app TO recado WITH ADMIN OPTION;
ALTER DATABASE recado OWNER TO recado;

-- The superuser has no password, so nobody on the network is let in as it:
-- `docker compose exec postgres psql -U postgres recado`.
ALTER ROLE postgres PASSWORD NULL;
