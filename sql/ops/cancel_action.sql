create or replace function ops.cancel_action(
    p_action_id uuid,
    p_reason    text,
    p_now_at    timestamptz
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_runs text;
begin
    lock table md.corporate_actions in share row exclusive mode;
    select string_agg(d.run_id::text, ', ' order by d.run_id) into v_runs
      from ledger.adjustments as d
     where d.action_id = p_action_id
       and (d.action_kind = 'SPLIT'
            or exists (select from ledger.entries as e
                        where e.run_id = d.run_id and e.adjustment_seq = d.adjustment_seq));
    perform core.assert_that(v_runs is null, 'MQS13', v_runs);
    return md.cancel_action(p_action_id, p_reason, p_now_at);
end;
$function$;

comment on function ops.cancel_action(uuid, text, timestamptz) is
$$Cancels a corporate action (md.cancel_action), unless the books of a run have booked it.
Why: shares that were split in the books stay so; a run that was told wrong is stopped by a person.
Raises: MQS13 naming the runs; MQA01; MQA12; MQN11.$$;
