create or replace function oms.plan_stops(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol text,
    done   text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
    v_bps integer;
    v_at  record;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    select a.stop_bps into v_bps from strat.assignments as a where a.run_id = p_run_id;
    if v_run.run_status <> 'RUNNING' or oms.find_action_defect(p_run_id, null, p_now_at) is not null then
        return;
    end if;
    perform oms.resume_targets(p_run_id, p_now_at);
    if coalesce(v_bps, 0) = 0 then
        return;
    end if;
    for v_at in
        select p.symbol, m.mark_micros
          from ledger.positions as p
          join md.list_marks(p_run_id, p_now_at) as m using (symbol)
         where p.run_id = p_run_id
         order by p.symbol collate "C"
    loop
        symbol := v_at.symbol;
        done := oms.plan_stop(p_run_id, v_at.symbol, v_at.mark_micros, v_bps, p_now_at);
        return next;
        exit when done in ('UNPROTECTED', 'FLATTENED');
    end loop;
    insert into oms.stop_plans (run_id, planned_at)
    values (p_run_id, run.clamp_now(p_run_id, p_now_at))
    on conflict (run_id) do update set planned_at = excluded.planned_at;
    perform pg_notify('mqk_outbox', p_run_id::text);
end;
$function$;

comment on function oms.plan_stops(uuid, timestamptz) is
$$Resumes targets that waited, and looks after the protective stops of a running run whose strategy asks
for them; a row for each symbol that was ever held. Nothing while a corporate action is due, and
nothing more once a position could not be protected: the run is halted.
Raises: MQN02; MQA03.$$;
