create or replace function oms.drop_targets(
    p_run_id uuid,
    p_symbol text,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_wait oms.deferrals;
begin
    for v_wait in
        update oms.deferrals as d set outcome = 'DROPPED'
         where d.run_id = p_run_id and d.outcome = 'WAITING' and d.symbol = coalesce(p_symbol, d.symbol)
        returning d.*
    loop
        perform oms.tell_target(v_wait, p_now_at);
    end loop;
end;
$function$;

comment on function oms.drop_targets(uuid, text, timestamptz) is
$$Drops the targets that wait for a stop to make way, of a symbol or, null, of all: what was wished before
everything of it is cancelled is not taken up afterwards.$$;
