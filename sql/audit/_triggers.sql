create or replace trigger _900_refuse_change before update or delete on audit.events
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on audit.events
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on audit.chains
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on audit.chains
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_head_moves_by_one before update on audit.chains
for each row when (new.last_seq <> old.last_seq + 1) execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on audit.actings
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on audit.actings
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on audit.anchors
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on audit.anchors
for each statement execute function core.tg_refuse_change();
