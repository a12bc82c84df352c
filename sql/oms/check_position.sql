create or replace function oms.check_position(
    p_message oms.inbox,
    p_now_at  timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_fill ledger.fills;
    v_held bigint;
begin
    if num_nulls(p_message.fill_seq, p_message.position_qty) > 0 then
        return;
    end if;
    select f.* into v_fill from ledger.fills as f
     where f.run_id = p_message.run_id and f.fill_seq = p_message.fill_seq;
    if not found or not ledger.is_newest_fill(v_fill)
       or oms.find_action_defect(v_fill.run_id, v_fill.symbol, p_now_at) is not null
       or exists (select from oms.orders as o
                   where o.run_id = v_fill.run_id and o.symbol = v_fill.symbol and o.gap_qty > 0)
    then
        return;
    end if;
    v_held := ledger.get_position_qty(v_fill.run_id, v_fill.symbol);
    if v_held <> p_message.position_qty then
        perform run.halt_run(
            v_fill.run_id, 'DESYNC',
            format('POSITION_DIFFERS: the broker holds %s %s, the books %s',
                   p_message.position_qty, v_fill.symbol, v_held),
            jsonb_build_object('symbol', v_fill.symbol, 'ours_qty', v_held,
                               'theirs_qty', p_message.position_qty), p_now_at);
    end if;
end;
$function$;

comment on function oms.check_position(oms.inbox, timestamptz) is
$$Compares the position that a fill brings with ours, in the transaction that books it; a difference
halts. Skipped while a fill is known to be missing or a corporate action is due,
and for a fill that is not the symbol's newest.
Why: a fill that never came shows here, before the next snapshot.$$;
