create or replace function oms.apply_message(
    p_run_id     uuid,
    p_account_id text,
    p_message    jsonb,
    p_now_at     timestamptz
)
returns oms.inbox
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.inbox := oms.parse_message(p_run_id, p_account_id, p_message, p_now_at);
    v_why text;
begin
    if exists (select from oms.inbox as i
                where i.account_id = p_account_id
                  and i.broker_message_id = v_row.broker_message_id)
    then
        v_row.disposition := 'DUPLICATE';
        v_row.reason := 'message seen before';
        return v_row;
    end if;
    v_why := oms.find_defect(v_row);
    if v_why is null and oms.is_fill(v_row) then
        v_why := oms.find_twin(v_row);
    end if;
    if v_why = 'DUPLICATE' then
        v_row.disposition := 'DUPLICATE';
        v_row.reason := 'fill booked before';
    elsif v_why = 'EARLIER_RUN' then
        v_row.disposition := 'NOTED';
        v_row.reason := 'an order of an earlier run of this account';
    elsif v_why is not null then
        v_row.disposition := 'QUARANTINED';
        v_row.reason := v_why;
        perform run.halt_run(
            p_run_id, 'DESYNC', format('%s: %s', v_why, left(v_row.broker_message_id, 200)),
            jsonb_build_object('message', p_message), p_now_at);
    else
        perform oms.acknowledge(v_row, p_now_at);
        v_row := oms.apply_event(v_row, p_now_at);
    end if;
    return oms.keep_message(v_row, p_now_at);
end;
$function$;

comment on function oms.apply_message(uuid, text, jsonb, timestamptz) is
$$Receives and applies one broker message in one go; gives its inbox row with the disposition: APPLIED,
DUPLICATE, STALE (says nothing new), NOTED (of a kind that we do not know, a fill in it is booked; or of
an earlier run's order) or QUARANTINED (kept, run halted).
Why: stored and applied in one transaction, so nothing is lost or counted twice between the two.$$;
