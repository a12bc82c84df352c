-- Revert mqk:oms/orders from pg

begin;

set local role mqk_owner;

alter table oms.orders drop constraint orders_are_the_last_of_their_history;
drop table oms.stop_plans;
drop table oms.deferrals;
drop table oms.order_history;
drop table oms.orders;
drop table oms.order_moves;
drop table oms.intents;

commit;
