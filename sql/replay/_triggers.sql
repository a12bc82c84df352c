create or replace trigger _900_refuse_change before update or delete on replay.places
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on replay.places
for each statement execute function core.tg_refuse_change();
