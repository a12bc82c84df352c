create or replace trigger _900_refuse_change before update or delete on sim.events
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on sim.events
for each statement execute function core.tg_refuse_change();
