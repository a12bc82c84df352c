-- Verify mqk:run/scopes on pg

begin;

set local role mqk_owner;

select login, scope_seq, engine_ids, set_by, set_at
  from run.login_scopes
 where false;

select 1 / count(*)
  from pg_catalog.pg_policy
 where polname = 'runs_are_of_the_engines_of_the_login';

rollback;
