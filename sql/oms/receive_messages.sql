create or replace function oms.receive_messages(
    p_run_id      uuid,
    p_messages    jsonb,
    p_cursor_text text,
    p_now_at      timestamptz
)
returns table (
    broker_message_id text,
    disposition       text,
    reason            text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run     run.runs;
    v_message jsonb;
    v_row     oms.inbox;
    v_moved   boolean := false;
begin
    perform core.assert_that(
        jsonb_typeof(p_messages) = 'array', 'MQA05', coalesce(jsonb_typeof(p_messages), 'null'));
    v_run := run.lock_run(p_run_id, true, p_now_at);
    for v_message in
        select m.value from jsonb_array_elements(p_messages) with ordinality as m order by m.ordinality
    loop
        v_row := oms.apply_message(p_run_id, v_run.account_id, v_message, p_now_at);
        v_moved := v_moved or v_row.event_kind = 'rejected'
                   or num_nonnulls(v_row.fill_seq, v_row.reversal_seq) > 0;
        broker_message_id := v_row.broker_message_id;
        disposition := v_row.disposition;
        reason := v_row.reason;
        return next;
    end loop;
    if p_cursor_text is not null then
        insert into oms.cursors (account_id, cursor_text, moved_at)
        values (v_run.account_id, p_cursor_text, p_now_at)
        on conflict (account_id) do update
           set cursor_text = excluded.cursor_text, moved_at = excluded.moved_at;
    end if;
    perform oms.set_continuity(p_run_id, 'GAP', 'an order misses a fill', p_now_at)
      where exists (select from oms.orders as o where o.run_id = p_run_id and o.gap_qty > 0);
    if v_moved then
        perform risk.evaluate(p_run_id, p_now_at);
    end if;
end;
$function$;

comment on function oms.receive_messages(uuid, jsonb, text, timestamptz) is
$$Stores and applies a batch of broker messages in order and moves the account's cursor; when money moved
or an order was rejected it evaluates risk, all in one transaction; gives one row a message. Messages seen
before change nothing. A fill that is missing shuts gate CONTINUITY at once.
Why: between the news of a missing fill and its booking nothing is sent, whoever dies meanwhile.
Raises: MQA05; MQN02; MQA03.$$;
