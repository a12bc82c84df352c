create or replace function md.format_terms(
    p_action md.corporate_actions
)
returns text
language sql
immutable
return case (p_action).action_kind
    when 'SPLIT' then format('%s for %s', (p_action).ratio_num, (p_action).ratio_den)
    when 'CASH_DIVIDEND' then format('%s a share on %s', core.format_micros((p_action).amount_micros),
                                     (p_action).pay_on)
    else 'cancels ' || (p_action).cancels_id end;

comment on function md.format_terms(md.corporate_actions) is
$$What a corporate action does, in words: '2 for 1', '0.24 a share on 2024-02-15'.$$;
