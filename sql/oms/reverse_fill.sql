create or replace function oms.reverse_fill(
    p_message      oms.inbox,
    p_execution_id text,
    p_now_at       timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_fill_seq bigint;
    v_done     boolean;
begin
    select f.fill_seq, r.fill_seq is not null into v_fill_seq, v_done
      from ledger.fills as f
      left join ledger.fills as r on r.run_id = f.run_id and r.reverses_seq = f.fill_seq
     where f.run_id = p_message.run_id and f.account_id = p_message.account_id
       and f.execution_id = p_execution_id;
    if v_fill_seq is null then
        perform run.halt_run(
            p_message.run_id, 'DESYNC',
            format('UNKNOWN_EXECUTION: %s takes back %s', p_message.event_kind, p_execution_id),
            jsonb_build_object('execution_id', p_execution_id), p_now_at);
        return null;
    elsif v_done then
        return null;
    end if;
    return ledger.post_reversal(p_message.run_id, v_fill_seq, p_message.event_at, p_now_at);
end;
$function$;

comment on function oms.reverse_fill(oms.inbox, text, timestamptz) is
$$Takes back a booked execution; gives the reversing row, null when it was taken back before. One that
we never booked halts the run; should it still come, it is taken back then.$$;
