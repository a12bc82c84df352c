create or replace function oms.report_budget(
    p_run_id    uuid,
    p_remaining integer,
    p_reset_at  timestamptz,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run    run.runs;
    v_budget oms.budgets;
begin
    perform core.assert_that(num_nulls(p_remaining, p_reset_at) = 0, 'MQA01', 'remaining, reset_at');
    perform core.assert_that(
        p_remaining between 0 and 1000000, 'MQA02', format('remaining %s', p_remaining));
    v_run := run.lock_run(p_run_id, false, p_now_at);
    v_budget := oms.open_budget(v_run.account_id, p_now_at);
    update oms.budgets as b
       set window_started_at = v_budget.window_started_at,
           used = v_budget.used,
           remaining = least(v_budget.remaining, p_remaining),
           held_until_at = case
               when p_remaining > 0 then v_budget.held_until_at
               else least(greatest(v_budget.held_until_at, p_reset_at + interval '1 s'),
                          p_now_at + interval '5 minutes') end
     where b.account_id = v_run.account_id;
end;
$function$;

comment on function oms.report_budget(uuid, integer, timestamptz, timestamptz) is
$$Keeps what the broker says about its own limit: what is left, and when it is full again. Nothing left
holds everything until a second after that, but for five minutes at most.
Why: the key may be used elsewhere too; the broker's count wins when it is the lower one. A reset far
in the future is a mistake of somebody's clock and must not silence the desk.
Raises: MQA01; MQA02; MQA03; MQN02.$$;
