-- Revert mqk:core/error_codes from pg

begin;

set local role mqk_owner;

drop table core.error_codes;

commit;
