create or replace function oms.plan_flatten(
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
    v_flatten risk.flattens;
    v_defect  text;
begin
    if not exists (select from run.runs as r where r.run_id = p_run_id and r.run_status = 'HALTED') then
        return;
    end if;
    perform run.lock_run(p_run_id, true, p_now_at);
    perform risk.open_flatten(p_run_id, null, p_now_at);
    v_flatten := risk.get_flatten(p_run_id);
    v_defect := oms.find_reduction_defect(p_run_id, p_now_at);
    if v_flatten.run_id is null then
        return;
    elsif v_defect is not null then
        perform risk.record_flatten(v_flatten, left(v_defect, 500), false, p_now_at);
        return;
    end if;
    perform oms.drop_targets(p_run_id, null, p_now_at);
    for symbol in
        select u.symbol from run.universe as u where u.run_id = p_run_id order by u.symbol collate "C"
    loop
        done := oms.flatten_symbol(v_flatten, symbol, p_now_at);
        v_defect := nullif(concat_ws(
            '; ', v_defect, case when done in ('REFUSED', 'STUCK') then symbol || ': ' || done end), '');
        return next;
    end loop;
    perform risk.record_flatten(
        v_flatten, v_defect, not oms.is_exposed(p_run_id), p_now_at);
    perform pg_notify('mqk_outbox', p_run_id::text);
end;
$function$;

comment on function oms.plan_flatten(uuid, timestamptz) is
$$Closes the positions of a halted run for which a flatten is asked, step by step: cancels what is open,
then sells or buys back what is held; a row for each symbol with what was done. Nothing while the
positions are not proven (oms.find_reduction_defect): the flatten waits and says so.
Why: the protective stop rests until all is ready to put a closing order in its place.$$;
