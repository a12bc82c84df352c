-- Revert mqk:run/scopes from pg

begin;

set local role mqk_owner;

drop policy runs_are_of_the_engines_of_the_login on run.runs;
alter table run.runs no force row level security;
alter table run.runs disable row level security;
drop table run.login_scopes;

commit;
