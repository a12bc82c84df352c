create or replace function oms.count_budget(
    p_budget oms.budgets,
    p_now_at timestamptz
)
returns integer
language sql
immutable
parallel safe
return case when p_now_at >= (p_budget).window_started_at + interval '1 minute' then 150
            else least(150 - (p_budget).used, (p_budget).remaining) end;

comment on function oms.count_budget(oms.budgets, timestamptz) is
$$Requests to the broker that are left of the minute's 150: our own count or the broker's, the lower one.
Why: what refuses a request and what explains the refusal must be one rule.$$;
