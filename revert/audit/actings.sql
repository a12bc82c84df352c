-- Revert mqk:audit/actings from pg

begin;

set local role mqk_owner;

drop table audit.actings;

commit;
