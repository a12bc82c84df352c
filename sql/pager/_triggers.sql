create or replace trigger _100_guard_end before update on pager.deliveries
for each row when (old.delivery_status <> 'BEGUN') execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on pager.deliveries
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on pager.deliveries
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_guard_end before update on pager.notices
for each row when (num_nonnulls(old.delivered_at, old.given_up_at) > 0)
execute function core.tg_refuse_change();
create or replace trigger _110_guard_terms before update on pager.notices
for each row when (
    (old.engine_id, old.notice_id, old.chain_id, old.event_seq, old.event_name, old.channel,
     old.severity, old.notice_text, old.happened_at)
    is distinct from
    (new.engine_id, new.notice_id, new.chain_id, new.event_seq, new.event_name, new.channel,
     new.severity, new.notice_text, new.happened_at)) execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on pager.notices
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on pager.notices
for each statement execute function core.tg_refuse_change();
