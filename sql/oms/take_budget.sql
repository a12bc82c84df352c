create or replace function oms.take_budget(
    p_run_id  uuid,
    p_purpose text,
    p_now_at  timestamptz
)
returns table (
    is_granted boolean,
    retry_at   timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_reserve constant integer := 30;
    v_kept    integer;
    v_run     run.runs;
    v_budget  oms.budgets;
begin
    perform core.assert_that(
        p_purpose in ('SUBMIT', 'CANCEL', 'READ'), 'MQA02',
        format('purpose %s', coalesce(p_purpose, 'null')));
    v_run := run.lock_run(p_run_id, false, p_now_at);
    v_budget := oms.open_budget(v_run.account_id, p_now_at);
    v_kept := case p_purpose when 'CANCEL' then 0 else v_reserve end;
    if v_budget.held_until_at > p_now_at then
        return query select false, v_budget.held_until_at;
        return;
    elsif oms.count_budget(v_budget, p_now_at) <= v_kept then
        return query select false, v_budget.window_started_at + interval '1 minute';
        return;
    end if;
    update oms.budgets as b
       set window_started_at = v_budget.window_started_at,
           used = v_budget.used + 1,
           remaining = v_budget.remaining - 1
     where b.account_id = v_run.account_id;
    return query select true, null::timestamptz;
end;
$function$;

comment on function oms.take_budget(uuid, text, timestamptz) is
$$Asks for one request to the broker of a run's account: SUBMIT, CANCEL or READ. Refused, with the
instant to ask again, while the broker holds us off, or when the minute's 150 are spent; the last 30
are granted to CANCEL only.
Why: a cancel must go through when all else has used up the rate that the broker allows.
Raises: MQA01; MQA02 unknown purpose; MQA03; MQN02.$$;
