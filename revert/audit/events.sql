-- Revert mqk:audit/events from pg

begin;

set local role mqk_owner;

alter table audit.chains drop constraint chains_root_is_an_event;
drop table audit.events;
drop table audit.chains;

commit;
