create or replace function sim.open_account(
    p_account_id text,
    p_terms      jsonb,
    p_now_at     timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_cash  bigint := core.parse_micros(p_terms ->> 'opening_cash');
    v_terms sim.accounts;
begin
    perform core.assert_that(
        v_cash is not null, 'MQA02', format('opening_cash %s', p_terms ->> 'opening_cash'));
    v_terms := jsonb_populate_record(null::sim.accounts, p_terms || jsonb_build_object(
        'account_id', p_account_id, 'opening_cash_micros', v_cash, 'cash_micros', v_cash,
        'last_event_no', 0, 'opened_at', core.format_iso(p_now_at)));
    insert into sim.accounts select v_terms.* on conflict (account_id) do nothing;
    if not found then
        perform core.assert_that(
            (select to_jsonb(a) - array['cash_micros', 'last_event_no', 'opened_at']
                    = to_jsonb(v_terms) - array['cash_micros', 'last_event_no', 'opened_at']
               from sim.accounts as a where a.account_id = p_account_id),
            'MQS07', p_account_id);
    end if;
end;
$function$;

comment on function sim.open_account(text, jsonb, timestamptz) is
$$Opens a paper account with its terms; again with the same terms: nothing.
p_terms: opening_cash (dollars, decimal text) and the cost columns of sim.accounts.
Raises: MQA02 opening_cash is not exact; MQS07 the account exists with other terms; 23514, 23502.$$;
