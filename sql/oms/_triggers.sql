create or replace trigger _900_refuse_change before update or delete on oms.intents
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.order_history
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.outbox_history
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.attempts
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.permits
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.absence_misses
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.absence_proofs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.broker_map
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.inbox
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on oms.orders
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on oms.outbox
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.inbox
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.order_history
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.outbox_history
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.attempts
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_guard_terms before update on oms.orders
for each row execute function oms.tg_orders__guard_terms();
create or replace trigger _900_refuse_truncate before truncate on oms.intents
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.permits
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.absence_misses
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.absence_proofs
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.broker_map
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.orders
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.outbox
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.order_moves
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.order_moves
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.outbox_moves
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.outbox_moves
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_new_terms
before update of run_id, outbox_id, order_id, request_kind, lane, stop_price_micros, enqueued_at, expires_at
on oms.outbox for each row execute function core.tg_refuse_change();
