-- Verify mqk:audit/actings on pg

begin;

set local role mqk_owner;

select acting_id, xact_id, login, actor, token_id, acted_at
  from audit.actings
 where false;

rollback;
