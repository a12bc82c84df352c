create or replace function oms.open_budget(
    p_account_id text,
    p_now_at     timestamptz
)
returns oms.budgets
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_budget oms.budgets;
begin
    insert into oms.budgets (account_id, window_started_at, used)
    values (p_account_id, p_now_at, 0)
    on conflict (account_id) do nothing;
    select b.* into strict v_budget from oms.budgets as b
     where b.account_id = p_account_id for update;
    if p_now_at >= v_budget.window_started_at + interval '1 minute' then
        v_budget.window_started_at := p_now_at;
        v_budget.used := 0;
        v_budget.remaining := null;
    end if;
    return v_budget;
end;
$function$;

comment on function oms.open_budget(text, timestamptz) is
$$The request budget of an account as it stands at p_now_at, its row locked; a window of a minute that is
over gives way to a new one.
Why: all workers of an account count in one row; a caller whose time lags stays in the window.$$;
