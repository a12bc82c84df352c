create or replace function oms.end_flatten(
    p_run_id uuid,
    p_symbol text,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if exists (
        select from oms.intents as i
          join oms.orders as o using (run_id, intent_id)
          join run.runs as r on r.run_id = i.run_id
          join run.run_history as h on h.run_id = r.run_id and h.history_seq = r.status_seq
         where i.run_id = p_run_id and i.symbol = p_symbol and i.leg = 'FLATTEN'
           and i.created_at >= h.moved_at and o.order_status = 'FILLED')
    then
        perform run.halt_run(
            p_run_id, 'MISSING_PROTECTIVE_STOP',
            format('UNPROTECTED: %s was closed, no stop could rest', p_symbol),
            jsonb_build_object('symbol', p_symbol), p_now_at);
        return 'FLATTENED';
    end if;
    return 'FLAT';
end;
$function$;

comment on function oms.end_flatten(uuid, text, timestamptz) is
$$Halts a run whose position was closed because no stop could rest; FLAT when there was no such thing.$$;
