-- Revert mqk:ref/instruments from pg

begin;

set local role mqk_owner;

drop table ref.instruments;
drop table ref.timeframes;
drop table ref.sessions;
drop table ref.exchanges;

commit;
