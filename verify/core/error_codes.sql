-- Verify mqk:core/error_codes on pg

begin;

set local role mqk_owner;

select error_code, law, fix
  from core.error_codes
 where false;

rollback;
