-- Revert mqk:ref/instruments from pg

begin;

set local role mqk_owner;

drop table ref.classifications;
drop table ref.listings;
drop table ref.instruments;
drop table ref.timeframes;
drop table ref.amendments;
drop table ref.sessions;
drop table ref.exchanges;

commit;
